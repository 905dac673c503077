import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';

const program = join(import.meta.dirname, 'ends.pl');
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Reads what it was handed as 200 until its end, or until nothing is there; tells the text, and whether it was the end. */
const reader = `
open my $socket, '+<&=', 200 or die; my $flags = fcntl $socket, 3, 0;
my $heard = ''; my $count; do { $count = sysread $socket, my $bytes, 4096; $heard .= $bytes if $count } while $count;
syswrite $socket, 'answer' if $ARGV[0];
print join '|', $heard, defined $count ? 'end' : 'empty', $flags & 2048 ? 'nonblocking' : 'blocking';
`;

const hold = async (...orders: readonly string[]) => {
  const child = spawn('/usr/bin/perl', [program, 'hold'], { stdio: 'pipe' });
  children.push(child);
  const complaint = text(child.stderr);
  child.stdin.write(orders.map((order) => `${order}\n`).join(''));
  const said = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(said, 'line').then(([heard]) => heard as string),
    once(said, 'close').then(() => ''),
  ]);
  return { pid: child.pid ?? 0, line, complaint, descriptors: line.split(' ').slice(1) };
};

const take = async (pid: number, from: string | undefined, ...args: readonly string[]): Promise<string> => {
  const command = [program, 'take', String(pid), `${from ?? ''}=200`, '--', 'perl', '-e', reader, ...args];
  const child = spawn('/usr/bin/perl', command, { stdio: 'pipe' });
  children.push(child);
  return (await text(child.stdout)) || (await text(child.stderr));
};

const hex = (words: string): string => Buffer.from(words).toString('hex');

it('hands on a pair, with what had not been read at each end, and what is said from then on', async () => {
  const { pid, descriptors } = await hold(
    'pair 1',
    `queue 0 ${hex('for the first')}`,
    `queue 1 ${hex('for the second')}`,
    ...['nonblock 0', 'nonblock 1', 'made'],
  );
  expect(descriptors).toHaveLength(2);
  expect(await take(pid, descriptors[0], 'answers')).toBe('for the first|empty|nonblocking');
  expect(await take(pid, descriptors[1])).toBe('for the secondanswer|empty|nonblocking');
});

it('keeps what is shut', async () => {
  const { pid, descriptors } = await hold(
    'pair 1',
    `queue 0 ${hex('last')}`,
    'shut 1 1',
    'buffers 0 8192 8192',
    'made',
  );
  expect(await take(pid, descriptors[0])).toBe('last|end|blocking');
});

it('numbers the ends of several pairs as they come, and has room for as much as a socket holds', async () => {
  const much = 'x'.repeat(200_000);
  const { pid, descriptors } = await hold('pair 1', 'pair 5', `queue 0 ${hex(much)}`, 'nonblock 0', 'made');
  expect(descriptors).toHaveLength(4);
  expect(await take(pid, descriptors[0])).toBe(`${much}|empty|nonblocking`);
});

it.each([
  ['what it does not know', 'what 1', /^unknown word what/],
  ['a kind of socket that is none', 'pair 99', /^socketpair: /],
])('ends when it is told %s', async (_what, order, complaint) => {
  const holder = await hold(order, 'made');
  expect(holder.line).toBe('');
  expect(await holder.complaint).toMatch(complaint);
});

it.each([
  ['of somebody who has gone', () => Promise.resolve({ pid: 2 ** 22 + 1, from: '3' }), /^pidfd_open /],
  ['that nobody holds', async () => ({ pid: (await hold('made')).pid, from: '99' }), /^pidfd_getfd /],
])('starts nothing without a descriptor %s', async (_which, which, complaint) => {
  const { pid, from } = await which();
  expect(await take(pid, from)).toMatch(complaint);
});
