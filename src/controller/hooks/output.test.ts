import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostOutput, shownOutput } from './output.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('what a hook has said', () => {
  it.each<[string, Uint8Array, boolean, string]>([
    ['short', bytes('done\n'), false, 'done'],
    ['empty', bytes(''), false, ''],
    ['in two lines', bytes('a\tb\nc'), false, 'a\tb\nc'],
    ['to a terminal', bytes('\u001b[2Jgone\u009b'), false, '\uFFFD[2Jgone\uFFFD'],
    ['in bytes that are no text', new Uint8Array([0xff, 0xfe, 0x41]), false, '\uFFFD\uFFFDA'],
    ['too much of', bytes('x'.repeat(mostOutput)), true, `${'x'.repeat(mostOutput - 3)}…`],
  ])('%s is kept as it can be shown', (_name, said, isCut, shown) => {
    expect(shownOutput(said, isCut)).toBe(shown);
  });

  it('is never longer than the status allows, and never anything but text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: mostOutput }), fc.boolean(), (said, isCut) => {
        const shown = shownOutput(said, isCut);
        expect(bytes(shown).length).toBeLessThanOrEqual(mostOutput);
        expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });
});
