import { describe, expect, it } from 'vitest';
import { missedIn, nothingButVanished } from './vanished.ts';

describe('what find and tar complain of while a pod runs', () => {
  it.each([
    '',
    'tar: ./a: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors\n',
    'tar: ./a/b: Cannot open: Not a directory',
    'tar: ./a/b: Cannot stat: Too many levels of symbolic links',
    'tar: ./a: File removed before we read it',
    'tar: ./log: file changed as we read it',
    'tar: ./log: File shrank by 12 bytes; padding with zeros',
    "find: './a: b': No such file or directory",
    String.raw`tar: ./a\nb: Cannot readlink: No such file or directory`,
  ])('is nothing but what has gone, or will be read again: %j', (said) => {
    expect(nothingButVanished(said)).toBe(true);
  });

  it.each([
    "find: './a': Permission denied",
    'tar: ./a: Cannot open: Input/output error',
    'tar: ./a: Cannot stat: File name too long',
    'tar: ./a: Cannot stat: No such file or directory\ntar: -: Cannot write: No space left on device',
    'nsenter: failed to execute tar: No such file or directory!',
  ])('is more than that: %j', (said) => {
    expect(nothingButVanished(said)).toBe(false);
  });
});

it('tells what tar has not packed', () => {
  const said = String.raw`tar: ./a: Cannot stat: No such file or directory
tar: ./d/.: Cannot stat: Too many levels of symbolic links
tar: ./a: b\\nc\n\377: File removed before we read it
tar: ./log: file changed as we read it
tar: Exiting with failure status due to previous errors`;
  expect(missedIn(said)).toEqual(['a', 'd/.', 'a: b\\nc\n\u00ff']);
});
