import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageDirectory } from '../checkpoint/image-directory.ts';

/** Beside the image of a container: which of its sockets CRIU is to take for connected with somebody else. */
const pathOf = ({ logs }: Pick<ImageDirectory, 'logs'>): string => join(logs, 'externals.conf');

/** CRIU reads it after the node's own configuration, and before that which runc names (criu/config.c, next_config). */
export const readingExternals = (
  image: Pick<ImageDirectory, 'logs'>,
  command: readonly string[],
): readonly string[] => ['env', `CRIU_CONFIG_FILE=${pathOf(image)}`, ...command];

/** Synchronous, as all that is done in the freeze: it is written into memory. */
export const noteExternals = (image: Pick<ImageDirectory, 'logs'>, ends: readonly number[]): void => {
  writeFileSync(pathOf(image), ends.map((ino) => `external unix[${ino}]\n`).join(''));
};
