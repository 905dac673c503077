import { randomBytes } from 'node:crypto';

/** Tells this run of the program from all others, in eight hexadecimal digits. */
export const newRun = (): string => randomBytes(4).toString('hex');
