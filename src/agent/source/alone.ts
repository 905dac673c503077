import type { Clock } from '../../clock/clock.ts';
import { freezerOf } from '../checkpoint/freezer.ts';
import { visitorsIn } from '../checkpoint/visitors.ts';
import type { RuncState } from '../runtime/runc-state.ts';

/** As long as a probe has by default (timeoutSeconds), and a little. */
const patienceMs = 1_200;
const lookAgainMs = 10;

const hasVisitors = async ({ cgroups, pid }: RuncState): Promise<boolean> =>
  visitorsIn(pid, await freezerOf(cgroups).processes()).length > 0;

/**
 * Waits, while the source runs, for a moment in which nobody visits its containers. Somebody who stays is not waited
 * for any longer: a session of `kubectl exec` may last for hours, and ends with the source.
 */
export const untilAlone = async (
  containers: readonly RuncState[],
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<void> => {
  for (let waited = 0; waited < patienceMs; waited += lookAgainMs) {
    if (!(await Promise.all(containers.map(hasVisitors))).includes(true)) return;
    await clock.sleep(lookAgainMs, signal);
  }
};
