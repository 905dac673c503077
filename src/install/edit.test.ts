import { describe, expect, it } from 'vitest';
import { type Edit, originalFor, restored } from './edit.ts';

/** A line of ours in a file of somebody's; both texts lose their format on the way, as JSON does. */
const edit: Edit = {
  path: '/etc/somebody.conf',
  with: (text = '') => `${text.trim()}\nours`,
  without: (text) => (text.endsWith('\nours') ? text.slice(0, -5).trim() || undefined : text),
};

const applied = (text: string | undefined, kept?: ReturnType<typeof originalFor>) => {
  const edited = edit.with(text) ?? '';
  return { edited, kept: originalFor(edit, text, edited, kept) };
};

describe('a file that we have changed', () => {
  it.each([undefined, '', 'theirs', '\n  theirs\t\n'])('is given back byte by byte: %j', (before) => {
    const { edited, kept } = applied(before);
    expect(restored(edit, edited, kept)).toBe(before);
  });

  it('is given back as it was at first, when we have changed it twice', () => {
    const first = applied(' theirs ');
    const second = applied(first.edited, first.kept);
    expect(restored(edit, second.edited, second.kept)).toBe(' theirs ');
  });

  it('and somebody else after us, loses our part only', () => {
    const { edited, kept } = applied(' theirs ');
    expect(restored(edit, `more ${edited}`, kept)).toBe('more theirs');
  });

  it('and somebody else in between, is given back as that one made it', () => {
    const first = applied(' theirs ');
    const second = applied('  new ', first.kept);
    expect(restored(edit, second.edited, second.kept)).toBe('  new ');
  });

  it('that somebody has removed and we have made anew, goes', () => {
    const first = applied('theirs');
    const second = applied(undefined, first.kept);
    expect(restored(edit, second.edited, second.kept)).toBeUndefined();
  });

  it('by a version that kept no original, loses our part', () => {
    expect(restored(edit, 'theirs\nours', undefined)).toBe('theirs');
    expect(restored(edit, 'theirs', undefined)).toBe('theirs');
  });
});
