import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../host/command.ts';
import { endRepair } from './end-repair.ts';

const program = join(import.meta.dirname, '..', 'sockets', 'end-repair.pl');
const isRoot = process.getuid?.() === 0;

/** Says over a connection with itself what it is told, and tells what arrives. */
const talker = `
const { connect, createServer } = require('node:net');
const server = createServer((socket) => socket.on('error', () => console.log('broken')).on('data', (said) => console.log('heard ' + said)));
server.listen(0, '127.0.0.1', () => {
  const socket = connect(server.address().port, '127.0.0.1', () => console.log('connected'));
  socket.setNoDelay(true).on('error', ({ code }) => console.log(code));
  process.stdin.on('data', (word) => socket.write(word.toString().trim()));
});`;

/** As CRIU has every connection while it dumps: it takes them in the same way, and does not always give them back. */
const repair = (pid: number): Promise<string> =>
  run([
    ...['/usr/bin/perl', '-MSocket', '-e'],
    `my $process = syscall 434, ${String(pid)}, 0;
     for my $n (3 .. 63) {
       my $d = syscall 438, $process, $n, 0; next if $d < 0;
       open my $s, '+<&=', $d; my $peer = getpeername $s;
       setsockopt $s, 6, 19, pack 'i', 1 if $peer && length $peer > 10;
     }`,
  ]);

let child: ChildProcess;
let said: Interface;
const next = async (): Promise<string> => ((await once(said, 'line')) as [string])[0];

beforeEach(async () => {
  child = spawn(process.execPath, ['-e', talker], { stdio: 'pipe' });
  said = createInterface({ input: child.stdout! });
  expect(await next()).toBe('connected');
});
afterEach(() => {
  child.kill('SIGKILL');
});

it.runIf(isRoot)('connections that were left in repair mode go on', async () => {
  await repair(child.pid!);
  expect(await endRepair([child.pid!], program)).toBe(2);
  child.stdin!.write('hello\n');
  expect(await next()).toBe('heard hello');
  expect(await endRepair([child.pid!], program)).toBe(0);
});

it.runIf(isRoot)('which no other does: it cannot even write', async () => {
  await repair(child.pid!);
  child.stdin!.write('hello\n');
  expect(await next()).toBe('EINVAL');
});

it('of processes that have ended there are none', async () => {
  expect(await endRepair([], program)).toBe(0);
  expect(await endRepair([2 ** 22], program)).toBe(0);
});
