/** Whether the processes of a pod run, and may change any file at any moment, or stand still. */
export type Life = 'running' | 'frozen';

/*
 * What find and tar say (LC_ALL=C) of a file that was deleted, or whose folder
 * was, or became a file or a link, between the moment in which they had its name
 * and its turn. As long as a pod runs that is nothing: the next pass sees to it.
 */

const gone = /: (?:No such file or directory|Not a directory|Too many levels of symbolic links)$/;
const ofTar = /: File removed before we read it$/;
/** They end with another code for one of the above, and say at the end that they do. */
const farewell = /Exiting with failure status due to previous errors$/;
/** What was read while it was written, and is read again. */
const unsteady = /: (?:file changed as we read it|File shrank by \d+ bytes; padding with zeros)$/;

const harmless = [gone, ofTar, farewell, unsteady];

/** Whether all that a program complains of is files that are not there any more. */
export const nothingButVanished = (said: string): boolean =>
  said
    .split('\n')
    .filter((line) => line !== '')
    .every((line) => harmless.some((pattern) => pattern.test(line)));

/** tar writes what is not printable ASCII as C does (quoting style "escape"). */
const unescaped = (name: string): string =>
  name.replaceAll(/\\(?:([0-7]{3})|(.))/g, (_, octal: string | undefined, letter: string | undefined) =>
    octal === undefined ? (letters[letter ?? ''] ?? letter ?? '') : String.fromCharCode(Number.parseInt(octal, 8)),
  );

const letters: Readonly<Record<string, string>> = {
  ...{ a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

/** What tar has not packed, by the names that it was given, one character for each byte. */
export const missedIn = (said: string): readonly string[] =>
  said.split('\n').flatMap((line) => {
    const [, name] = /^tar: \.\/(.*): (?:Cannot \w+: [^:]+|File removed before we read it)$/.exec(line) ?? [];
    return name === undefined ? [] : [unescaped(name)];
  });
