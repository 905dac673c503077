import { describe, expect, it } from 'vitest';
import { criuComplaints, criuDuration } from './dump.ts';

const log = `(00.000000) Version: 4.2.1 (gitid 0)
(00.012345) Dumping processes (pid: 42)
(00.100200) Error (criu/sk-inet.c:191): inet: Connected TCP socket, consider using --tcp-established option.
(00.100300) Unlock network
(00.100400) Error (criu/cr-dump.c:2128): Dumping FAILED.
`;

const usual = `Unable to get $HOME directory, local configuration file will not be used.
(00.000018) Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted
`;

describe("CRIU's log", () => {
  it.each([
    ['', ''],
    ['(00.000001) All is well\n', ''],
    [
      log,
      'Error (criu/sk-inet.c:191): inet: Connected TCP socket, consider using --tcp-established option. | Error (criu/cr-dump.c:2128): Dumping FAILED.',
    ],
    ['(00.1) Unable to open /x\n', 'Unable to open /x'],
    [usual, ''],
    [`${usual}(00.2) Error (criu/cr-dump.c:2128): Dumping FAILED.`, 'Error (criu/cr-dump.c:2128): Dumping FAILED.'],
    ['Error 1\nError 2\nError 3\nError 4\n', 'Error 2 | Error 3 | Error 4'],
  ])('has its last complaints in one line', (text, complaints) => {
    expect(criuComplaints(text)).toBe(complaints);
  });

  it.each([
    ['', 0],
    ['a line without a stamp\n', 0],
    [log, 100],
    ['(00.000001) a\n(01.234567) b\n  and more of it\n', 1235],
  ])('tells how long it took', (text, ms) => {
    expect(criuDuration(text)).toBe(ms);
  });
});
