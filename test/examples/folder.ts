import { join } from 'node:path';

export const examplesFolder = join(import.meta.dirname, '..', '..', 'examples');

/** Where the manifest of an example lies. */
export const folderOf = (name: string): string => join(examplesFolder, name);
