import { takeDown } from '../../lab/down.ts';
import { bringUp } from '../../lab/up.ts';
import { step } from '../../lab/progress.ts';
import { installTransship } from '../cluster/install.ts';
import { watchTraces } from '../cluster/traces.ts';
import { canTellUntouched } from '../cluster/untouched.ts';

/**
 * The lab with the present build of Transship on it, and somebody who looks at the trace of every move. The lab is left
 * running: the next run starts from there.
 *
 * @returns ends what was begun
 */
export const setup = async (): Promise<() => Promise<void>> => {
  await bringUp();
  if (!(await canTellUntouched())) {
    // Installed by other means than ours: the only way to nodes without Transship leads through new ones.
    await step('taking down a lab that nobody has seen without Transship', takeDown);
    await bringUp();
  }
  await installTransship();
  const traces = await watchTraces();
  return async () => {
    await traces[Symbol.asyncDispose]();
  };
};
