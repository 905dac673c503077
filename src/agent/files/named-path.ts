import { normalize } from 'node:path';
import { ReasonedError } from '../../api/reasons.ts';

/**
 * A path that the other agent names, as it is below its tree. Throws
 * StreamMalformed on one that would leave the tree, is the tree itself, or would
 * be read as two (xargs ends a name at a NUL).
 */
export const belowTree = (path: string): string => {
  const clean = normalize(path).replace(/\/+$/, '');
  const isBelow = clean !== '' && clean !== '.' && clean !== '..' && !clean.startsWith('/') && !clean.startsWith('../');
  if (isBelow && !clean.includes('\0')) return clean;
  throw new ReasonedError('StreamMalformed', `The other agent names the file ${path}, which is outside of its tree`);
};
