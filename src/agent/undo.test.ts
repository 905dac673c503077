import { expect, it } from 'vitest';
import type { Log } from '../log/log.ts';
import { silentLog } from '../log/log.ts';
import { Undo } from './undo.ts';

it('goes back last first, past a step that fails, and only once', async () => {
  const said: string[] = [];
  const log: Log = {
    ...silentLog,
    info: ({ undone }) => said.push(`undid ${String(undone)}`),
    error: ({ undone }) => said.push(`could not undo ${String(undone)}`),
  };
  const done: string[] = [];
  const undo = new Undo(log);
  undo.add('the first', () => {
    done.push('first');
  });
  undo.add('the second', () => Promise.reject(new Error('no')));
  undo.add('the third', async () => {
    await Promise.resolve();
    done.push('third');
  });

  await undo.run();
  await undo.run();

  expect(done).toEqual(['third', 'first']);
  expect(said).toEqual(['undid the third', 'could not undo the second', 'undid the first']);
});
