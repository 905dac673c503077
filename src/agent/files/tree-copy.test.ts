import { createServer } from 'node:net';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Copying, isRoot, openCopying } from './sync-fixture.ts';

/* What is sent and received of a tree, by the find, tar and rm of this machine. */

let copying: Copying;

beforeEach(async () => {
  copying = await openCopying();
});
afterEach(() => copying[Symbol.asyncDispose]());

const sh = (script: string): Promise<string> => copying.sh(`cd "$from"\n${script}`);

const expectSame = async (): Promise<void> => {
  const [from, to] = [await copying.seen(copying.from), await copying.seen(copying.to)];
  expect(to.split('\n')).toEqual(from.split('\n'));
};

/** A change made before the first pass, one between the two, and one that only the freeze meets. */
const stages: readonly (readonly [string, (script: string) => [string, string, string]])[] = [
  ['at first', (script: string) => [script, 'true', 'true']],
  ['between two passes', (script: string) => ['true', script, 'true']],
  ['right before the freeze', (script: string) => ['true', 'true', script]],
];

const long = 'n'.repeat(255);

const trees: readonly (readonly [string, string])[] = [
  ['files and folders', 'mkdir -p a/b && echo x >a/b/c && echo y >d && : >empty'],
  ['modes', 'mkdir -m 2750 a && touch b && chmod 4711 b && mkdir -m 1777 c'],
  ['the mode of the tree itself', 'chmod 2750 . ..'],
  ['hard links', 'mkdir a && echo x >a/b && ln a/b a/c && ln a/b d'],
  ['symbolic links', 'ln -s /etc abs && ln -s ../../../../etc up && ln -s nowhere broken && mkdir a && ln -s a in'],
  ['fifos', 'mkfifo -m 640 pipe'],
  [
    'names with line breaks, backslashes and what shells know',
    String.raw`touch 'a
b' 'c\\d' 'e\n' 'f\101' '*' '?' '$x' '"' "'" ' ' ' g' 'h ' -- -rf '%s'`,
  ],
  ['names that begin with dots', 'mkdir ..x ... && touch ..x/..y .../.z'],
  ['names that are not UTF-8', String.raw`touch "$(printf '\377\376')" && mkdir "$(printf '\303')"`],
  ['the longest names', `mkdir ${long} && touch ${long}/${long}`],
  [
    'paths of almost 4,096 bytes',
    `for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do mkdir ${long} && cd ${long}; done && echo x >${'f'.repeat(220)}`,
  ],
];

/** Each in a folder of its own, for a copy of all takes as long as one of each. */
const all = trees.map(([, script], index) => `(mkdir ${String(index)} && cd ${String(index)} && ${script})`).join('\n');

it.each(stages)('a copy has everything as it was made %s', async (_when, scriptsOf) => {
  const [first, second, third] = scriptsOf(all);
  await sh(first);
  await copying.pass('running');
  await sh(second);
  await copying.pass('running');
  await sh(third);
  await copying.pass('frozen');
  await expectSame();
  expect(await copying.sh('cd "$to"; ls')).toBe(await sh('ls'));
  expect((await sh('ls')).trim().split('\n')).toHaveLength(trees.length);
});

describe('a copy follows', () => {
  const made = 'mkdir -p a/b && echo x >a/b/c && echo y >d && ln d e && ln -s d link && mkfifo pipe && mkdir empty';

  it.each([
    ['what is deleted', 'rm -r a && rm pipe'],
    ['what is renamed', 'mv a z && mv d a'],
    ['a folder and a file that have changed places', 'mv a t && mv d a && mv t d'],
    ['a file in the place of a full folder', 'rm -r a && echo f >a'],
    ['a folder in the place of a file', 'rm d && mkdir d && echo x >d/x'],
    ['a folder in the place of a link', 'rm link && mkdir link && echo x >link/x'],
    ['a link in the place of a full folder', 'rm -r a && ln -s / a'],
    ['a link in the place of a file', 'rm d && ln -s /etc/passwd d'],
    ['a file in the place of a link', 'rm link && echo f >link'],
    ['a fifo in the place of a folder', 'rm -r a && mkfifo a'],
    ['one of two names that goes', 'rm d'],
    ['a further name', 'ln a/b/c f'],
    ['two names that part', 'cp e e.new && mv e.new e && echo z >e'],
    ['a change of mode alone', 'chmod 600 d && chmod 700 a'],
    ['a file that is written in place', 'printf q | dd of=d conv=notrunc status=none'],
    ['a file that is cut off', ': >d'],
  ])('%s', async (_what, script) => {
    await sh(made);
    await copying.pass('running');
    await expectSame();
    await sh(script);
    await copying.pass('frozen');
    await expectSame();
  });
});

it('has no folder that CRIU makes for a moment while a pod is frozen', async () => {
  await sh('mkdir tmp && touch tmp/mine');
  await copying.pass('running');
  await sh('mkdir tmp/cr-tmpfs.GUUdv5');
  await copying.pass('frozen');
  await sh('rmdir tmp/cr-tmpfs.GUUdv5');
  await expectSame();
});

it('keeps holes, modification times and attributes', async () => {
  await sh(`truncate -s 1G sparse && echo end >>sparse && touch -d '2001-02-03 04:05:06.789' old && mkdir dated &&
    touch dated/x && touch -d '2002-02-03 04:05:06.789' dated
    perl -e 'my ($f, $n, $v) = ("old", "user.word", "a\\0b"); syscall(188, $f, $n, $v, 3, 0) == 0 or die $!'`);
  await copying.pass('running');
  await copying.pass('frozen');
  const look = "stat -c '%n %s %b' sparse; find . ! -name . -printf '%P %T@\\n' | sort";
  const there = await copying.sh(`cd "$to"; ${look}`);
  expect(there).toBe(await sh(look));
  expect(Number(/sparse \d+ (\d+)/.exec(there)?.[1])).toBeLessThan(100);
  const value = `perl -e 'my ($f, $n, $v) = ("old", "user.word", "xxx"); syscall(191, $f, $n, $v, 3) == 3 or die $!; print $v'`;
  expect(await copying.sh(`cd "$to"; ${value}`)).toBe('a\0b');
});

it('has the files of sockets to which nobody listens', async () => {
  await sh('mkdir -m 711 a');
  for (const place of ['a/socket', 'socket']) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(copying.from, 'bound'), resolve));
    await rename(join(copying.from, 'bound'), join(copying.from, place));
    server.close();
  }
  await sh("chmod 640 a/socket; touch -d '2002-02-03' a");
  await copying.pass('running');
  await copying.pass('frozen');
  await expectSame();
  expect(await copying.seen(copying.to)).toContain('s 640 ');
  expect(await copying.sh(`cd "$to"; stat -c %y a`)).toContain('2002-02-03');
});

it.runIf(isRoot)('has owners and devices, also such as overlay has for deleted files', async () => {
  await sh('touch a && chown 12:34 a . && mknod -m 600 null c 1 3 && mknod white c 0 0 && mknod loop b 7 0');
  await copying.pass('running');
  await copying.pass('frozen');
  await expectSame();
  expect(await copying.sh(`cd "$to"; stat -c '%n %F %t:%T' null white loop`)).toBe(
    'null character special file 1:3\nwhite character special file 0:0\nloop block special file 7:0\n',
  );
});

it('refuses a path that is too long for tar, and says which', async () => {
  await sh(`perl -e 'for (1 .. 17) { mkdir $ARGV[0]; chdir $ARGV[0] or die $! }' ${long}`); // deeper than a shell can go
  await expect(copying.pass('running')).rejects.toMatchObject({
    reason: 'FileTooDeep',
    message: `a file of emptydir/data has a path of 4095 bytes: ${'n'.repeat(80)}…`,
  });
});

describe('a tree that is in use', () => {
  const busy: readonly (readonly [string, string])[] = [
    ['a file that grows', 'echo line >>log'],
    ['a file that grows and is cut off', 'for i in 1 2 3 4 5 6 7 8; do cat log log >log2; mv log2 log; done; : >log'],
    ['files that come and go', 'echo x >t1; mv t1 t2; rm t2; mkdir -p f/g; echo x >f/g/h; rm -r f'],
    ['a folder that is a file in between', 'mkdir d; echo x >d/x; rm -r d; echo f >d; rm d'],
    ['a folder that is a link in between', 'mkdir d; echo x >d/x; rm -r d; ln -s e d; rm d'],
    ['a file that is written in place, without growing', 'printf %08d $$ | dd of=fixed conv=notrunc status=none'],
  ];

  it.each(busy)('is copied whole in the end, with %s', async (_what, script) => {
    await sh('mkdir e && echo x >log && printf 12345678 >fixed && seq 1 300 | (cd e && xargs touch)');
    const stop = 'test ! -e "$outside/stop"';
    const writing = sh(`while ${stop}; do ${script}; done; echo end >>log`);
    for (let pass = 0; pass < 3; pass += 1) await copying.pass('running');
    await copying.sh('touch "$outside/stop"');
    await writing;
    await copying.pass('frozen');
    await expectSame();
  });
});
