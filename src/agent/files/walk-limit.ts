import { ReasonedError } from '../../api/reasons.ts';
import type { Walk } from './send.ts';

/** In the freeze all files are looked at once more, beside the dump. The rest of the time is for what has changed. */
const shareOfFreeze = 1 / 4;

/** Throws TooManyFiles. */
export const refuseTooMany = ({ files, ms }: Walk, maxFreezeSeconds: number): void => {
  if (ms <= maxFreezeSeconds * 1_000 * shareOfFreeze) return;
  throw new ReasonedError(
    'TooManyFiles',
    `the pod has ${String(files)} files, to look through which takes ${(ms / 1_000).toFixed(1)} s, and it may stand still for ${String(maxFreezeSeconds)} s`,
  );
};
