import { bringUp } from '../../lab/up.ts';
import { installTransship } from '../cluster/install.ts';

/** The lab with the present build of Transship on it. It is left running: the next run starts from there. */
export const setup = async (): Promise<void> => {
  await bringUp();
  await installTransship();
};
