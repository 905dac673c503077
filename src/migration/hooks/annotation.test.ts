import { describe, expect, it } from 'vitest';
import { podWith } from '../move-fixture.ts';
import { annotatedHooks } from './annotation.ts';

const annotated = (value: unknown) =>
  annotatedHooks(
    podWith({
      metadata: { annotations: { 'transship.dev/hooks': typeof value === 'string' ? value : JSON.stringify(value) } },
    }),
  );

const exec = { container: 'web', command: ['/bin/true'] };

describe('the annotation transship.dev/hooks', () => {
  it('names no hooks where there is none', () => {
    expect(annotatedHooks(podWith())).toEqual({ hooks: {} });
  });

  it('names hooks as lifecycle handlers are named, with what holds when nothing is said', () => {
    expect(annotated({ preFreeze: { exec }, onRollback: { httpPost: { port: 80 }, failurePolicy: 'Ignore' } })).toEqual(
      {
        hooks: {
          preFreeze: { exec, timeoutSeconds: 10, failurePolicy: 'Fail' },
          onRollback: { httpPost: { port: 80, path: '/' }, timeoutSeconds: 10, failurePolicy: 'Ignore' },
        },
      },
    );
  });

  it.each<[string, unknown, (string | RegExp)[]]>([
    ['that is not JSON', '{preFreeze', [/^it is not JSON: /]],
    ['that is a list', [], [/expected object/]],
    ['with a point that does not exist', { preMigraton: { exec } }, [/preMigraton/]],
    ['without a handler', { preFreeze: {} }, ['preFreeze: name either exec or httpPost']],
    ['with two handlers', { preFreeze: { exec, httpPost: { port: 80 } } }, ['preFreeze: name either exec or httpPost']],
    [
      'with an address of another host',
      { preMigration: { http: { url: 'http://169.254.169.254/' } } },
      [/"http"/, 'preMigration: name either exec or httpPost'],
    ],
    ['with a host for its own port', { preFreeze: { httpPost: { port: 80, host: 'other' } } }, [/"host"/]],
    ['with a path that leads to another host', { preFreeze: { httpPost: { port: 80, path: '@other/' } } }, [/pattern/]],
    ['with too long a wait before the freeze', { preFreeze: { exec, timeoutSeconds: 31 } }, [/<=30/]],
    ['without a command', { preFreeze: { exec: { container: 'web', command: [] } } }, [/preFreeze.exec.command/]],
    [
      'with three mistakes',
      { preFreeze: { exec, timeoutSeconds: 0 }, onRollback: { exec, failurePolicy: 'Maybe' }, postFreeze: {} },
      [/timeoutSeconds/, /failurePolicy/, /postFreeze/],
    ],
  ])('%s is told, every mistake at once', (_name, value, mistakes) => {
    const found = annotated(value);
    const told = 'mistakes' in found ? found.mistakes : [];
    expect(told).toHaveLength(new Set(mistakes).size);
    mistakes.forEach((mistake, index) =>
      typeof mistake === 'string' ? expect(told[index]).toBe(mistake) : expect(told[index]).toMatch(mistake),
    );
  });
});
