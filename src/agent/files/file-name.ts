/*
 * To the kernel a name is bytes, in whatever encoding a program likes. Here it is
 * a string with one character for each byte, which loses nothing, can be compared
 * and goes through JSON; a string of UTF-8 would not give such a name back.
 */

/** A path that is text, as those of the host's folders are. */
export const namedBy = (path: string): string => Buffer.from(path).toString('latin1');

/** What the kernel is to be asked for. */
export const bytesOf = (name: string): Buffer => Buffer.from(name, 'latin1');
