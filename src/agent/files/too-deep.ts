import { ReasonedError } from '../../api/reasons.ts';

/** tar gives the kernel whole paths, which may have 4,095 bytes (limits.h, PATH_MAX), from `./` to `/.`. */
const mostBytes = 4_095 - 4;

/** Throws FileTooDeep. */
export const refuseTooDeep = (paths: readonly string[], tree: string): void => {
  const path = paths.find((name) => name.length > mostBytes);
  if (path !== undefined)
    throw new ReasonedError(
      'FileTooDeep',
      `a file of ${tree} has a path of ${String(path.length)} bytes: ${path.slice(0, 80)}…`,
    );
};
