import { takeDown } from '../../lab/down.ts';
import { bringUp } from '../../lab/up.ts';
import { step } from '../../lab/progress.ts';
import { installTransship } from '../cluster/install.ts';
import { canTellUntouched } from '../cluster/untouched.ts';

/** The lab with the present build of Transship on it. It is left running: the next run starts from there. */
export const setup = async (): Promise<void> => {
  await bringUp();
  if (!(await canTellUntouched())) {
    // Installed by other means than ours: the only way to nodes without Transship leads through new ones.
    await step('taking down a lab that nobody has seen without Transship', takeDown);
    await bringUp();
  }
  await installTransship();
};
