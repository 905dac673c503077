import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRunning, makeScriptHost, type ScriptHost } from './script-fixture.ts';

let host: ScriptHost;
let guard: ChildProcess;

/** A command that writes down how it was called, and says what the fake of this name has to say. */
const recorder = (name: string, then: string): Promise<string> =>
  host.write(`bin/${name}`, `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>"${host.folder}/called"\n${then}\n`, 0o755);

const tables = `
case "$*" in '-f -') cat >"\${0%/*}/../ruled" ;; 'list tables') printf 'table ip nat\ntable inet CRIU-42\ntable inet transship.shut\ntable ip6 CRIU-43\ntable inet xCRIU\n' ;; esac`;

beforeEach(async () => {
  host = await makeScriptHost();
  await mkdir(join(host.folder, 'bin'));
  await recorder('ip', 'exit 2'); // as when there is no such route
  await recorder('nft', tables);
  await recorder('nsenter', 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"');
  await mkdir(join(host.folder, 'proc/self'), { recursive: true });
  for (const script of ['transship-cgroups', 'transship-guard']) await host.install(script);
  await host.write('freezer.state', 'FROZEN');
  await host.write('dump', '#!/bin/sh\necho "dumped $*"\necho complaint >&2\nexit 3\n', 0o755);
});
afterEach(async () => {
  guard.kill('SIGKILL');
  await host.close();
});

const journal = () => join(host.state, 'journal/source-u1');

const environment = () => ({ PATH: `${host.folder}/bin:/usr/bin:/bin`, LC_ALL: 'C' });

/** The guard waits for a tenth of its time for a dump. */
const shorten = async (): Promise<void> => {
  const text = (await host.read('transship-guard')) ?? '';
  expect(text).toContain('rounds=100 ');
  await host.write('transship-guard', text.replace('rounds=100 ', 'rounds=10 '), 0o755);
};

/** What the gate does (transship-gate), without the runc that leads to it. */
const behindGate = (command: readonly string[]): readonly string[] => [
  ...['sh', '-c', 'read -r word <"$TRANSSHIP_GATE" && [ "$word" = go ] && exec "$@"', 'gate'],
  ...command,
];

/** How the guard of a source is called that is dumped by this command, or by the fake `dump`. */
const call = (command: readonly string[] = [join(host.folder, 'dump'), 'it']): readonly string[] => [
  ...[join(host.folder, 'transship-guard'), journal(), `${journal()}.c1`, join(host.folder, 'freezer.state'), 'THAWED'],
  ...['/proc/4711/ns/net', '10.1.2.3', 'veth7', join(host.folder, 'output'), ...behindGate(command)],
];

/** A guard that has said that it is ready. */
const standing = async (command?: readonly string[]) => {
  guard = spawn('sh', call(command), { env: environment(), stdio: 'pipe' });
  const { stdin, stdout } = guard;
  if (!stdin || !stdout) throw new Error('The guard was started without pipes');
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const heard = async (): Promise<string | undefined> => ((await lines.next()) as { value?: string }).value;
  expect(await heard()).toBe('ready');
  return {
    heard,
    say: (...words: readonly string[]) => stdin.write(words.map((word) => `${word}\n`).join('')),
    /** The agent is no more. Resolves when the guard has ended. */
    die: async (): Promise<void> => {
      const ended = once(guard, 'exit');
      stdin.end();
      stdout.destroy();
      await ended;
    },
  };
};

const freezer = () => host.read('freezer.state');
const note = () => host.read('run/journal/source-u1.thawed');
const called = async () => (await host.read('called'))?.trim().split('\n') ?? [];

const undone = [
  'nft delete table ip transship.away.10.1.2.3',
  'ip route del 10.1.2.3/32 table 1077',
  'nsenter --net=/proc/4711/ns/net -- nft list tables',
  'nft list tables',
  'nsenter --net=/proc/4711/ns/net -- nft delete table inet CRIU-42',
  'nft delete table inet CRIU-42',
  'nsenter --net=/proc/4711/ns/net -- nft delete table inet transship.shut',
  'nft delete table inet transship.shut',
  'nsenter --net=/proc/4711/ns/net -- nft delete table ip6 CRIU-43',
  'nft delete table ip6 CRIU-43',
];

describe('a guard whose agent dies', () => {
  it('in the freeze leads packets back, takes the lock of CRIU off the network, thaws, and tells so', async () => {
    const { say, die } = await standing();
    say('freeze');
    await die();
    expect(await freezer()).toBe('THAWED');
    expect(await called()).toEqual(undone);
    expect(await note()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: thawed; no dump had begun\n$/);
  });

  it('before the freeze leaves everything as it is', async () => {
    const { die } = await standing();
    await die();
    expect([await freezer(), await called(), await note()]).toEqual(['FROZEN', [], undefined]);
  });

  it('before the freeze leaves a dump to itself, too', async () => {
    const { say, die } = await standing(['sh', '-c', 'echo begun; sleep 0.2; echo dumped']);
    say('go');
    await expect.poll(() => host.read('output')).toBe('begun\n');
    await die();
    await expect.poll(() => host.read('output')).toBe('begun\ndumped\n');
    expect([await freezer(), await called(), await note()]).toEqual(['FROZEN', [], undefined]);
  });

  it('when the commit may have been sent leaves the source frozen, and lets nothing out of it', async () => {
    const { say, heard, die } = await standing();
    say('freeze', 'go');
    expect(await heard()).toBe('ended 3');
    await host.write('run/journal/source-u1.asked', '');
    await die();
    expect([await freezer(), await called(), await note()]).toEqual(['FROZEN', ['nft -f -'], undefined]);
    expect(await host.read('ruled')).toBe(
      'table netdev transship_10.1.2.3 { chain source { type filter hook ingress device "veth7" priority 0; policy drop; }; }\n',
    );
    expect(await host.read('run/journal/source-u1.hushed')).toBe('transship_10.1.2.3\n');
  });

  it('thaws only after the dump has ended', async () => {
    const dump = `echo begun >"$1"; while [ -e "$2" ]; do sleep 0.02; done; cp "$3" "$4"`;
    const files = ['begun', 'hold', 'freezer.state', 'seen'].map((file) => join(host.folder, file));
    await host.write('hold', '');
    const { say, die } = await standing(['sh', '-c', dump, 'dump', ...files]);
    say('freeze', 'go');
    await expect.poll(() => host.read('begun')).toBe('begun\n');
    const died = die();
    await expect.poll(() => guard.stdin?.destroyed).toBe(true);
    spawn('rm', [join(host.folder, 'hold')]);
    await died;
    expect(await host.read('seen')).toBe('FROZEN'); // what the dump saw last
    expect(await freezer()).toBe('THAWED');
    expect(await note()).toContain('thawed; its dump had ended\n');
  });

  it('in the moment in which the dump begins waits for that, too', async () => {
    const dump = 'sleep 0.2; cp "$1" "$2"';
    const files = ['freezer.state', 'seen'].map((file) => join(host.folder, file));
    const { say, die } = await standing(['sh', '-c', dump, 'dump', ...files]);
    say('freeze', 'go');
    await die();
    expect(await host.read('seen')).toBe('FROZEN');
    expect(await freezer()).toBe('THAWED');
  });

  it('waits for what a dump has started and left behind', async () => {
    const dump = '{ sleep 0.3; cp "$1" "$2"; } & exit 0';
    const files = ['freezer.state', 'seen'].map((file) => join(host.folder, file));
    const { say, heard, die } = await standing(['sh', '-c', dump, 'dump', ...files]);
    say('freeze', 'go');
    expect(await heard()).toBe('ended 0');
    await die();
    expect(await host.read('seen')).toBe('FROZEN');
  });

  it('does not wait for ever for a dump that hangs: kills it with all that it has started, and thaws', async () => {
    const dump = 'echo $$ >"$1/runc"; sh -c \'echo $$ >"$1/criu"; exec sleep 1000\' criu "$1"';
    await shorten();
    const { say, die } = await standing(['sh', '-c', dump, 'dump', host.folder]);
    say('freeze', 'go');
    await expect.poll(() => host.read('criu')).toMatch(/\d\n/);
    await die();
    expect(await freezer()).toBe('THAWED');
    expect(await note()).toContain('thawed; its dump hung and was killed\n');
    for (const each of ['runc', 'criu'])
      await expect.poll(async () => isRunning(Number(await host.read(each)))).toBe(false);
  });

  it('tells when the source could not be thawed', async () => {
    await mkdir(join(host.folder, 'gone'));
    const [script = '', prefix = '', mark = '', , ...rest] = call();
    guard = spawn('sh', [script, prefix, mark, join(host.folder, 'gone'), ...rest], {
      env: environment(),
      stdio: 'pipe',
    });
    guard.stdin?.end('freeze\n');
    await once(guard, 'exit');
    expect(await note()).toContain('could not be thawed; no dump had begun\n');
  });
});

describe('a guard that is told that it is over', () => {
  it.each<[string, readonly string[]]>([
    ['before the freeze', ['over']],
    ['in the freeze', ['freeze', 'over']],
    ['after the dump', ['freeze', 'go', 'over']],
  ])('%s touches nothing', async (_when, words) => {
    const { say } = await standing();
    const ended = once(guard, 'exit');
    say(...words);
    expect(await ended).toEqual([0, null]);
    expect([await freezer(), await called(), await note()]).toEqual(['FROZEN', [], undefined]);
    expect(await host.read('run/journal/source-u1.c1.guard')).toBeUndefined();
  });

  it('ends a dump that still runs', async () => {
    const { say } = await standing(['sh', '-c', 'echo $$ >"$0/runc"; exec sleep 1000', host.folder]);
    say('freeze', 'go');
    await expect.poll(() => host.read('runc')).toMatch(/\d\n/);
    say('over');
    await once(guard, 'exit');
    await expect.poll(async () => isRunning(Number(await host.read('runc')))).toBe(false);
  });
});

describe('the dump', () => {
  it('is not begun before the agent says so', async () => {
    const { say } = await standing();
    say('freeze', 'over');
    await once(guard, 'exit');
    expect((await host.read('output')) ?? '').toBe('');
  });

  it('is the last that is ended when memory runs short', async () => {
    await standing(['sleep', '1000']);
    expect(await host.read('proc/self/oom_score_adj')).toBe('-1000\n');
  });

  it('finds the gate in front of every other CRIU', async () => {
    const { say, heard } = await standing(['sh', '-c', 'echo "$PATH"']);
    say('freeze', 'go');
    expect(await heard()).toBe('ended 0');
    expect(await host.read('output')).toBe(`/opt/transship/gate:${environment().PATH}\n`);
  });

  it('that was not begun ends with the guard, however that ends', async () => {
    await standing();
    const guardPid = String(guard.pid);
    const [waiting = ''] = (await readFile(`/proc/${guardPid}/task/${guardPid}/children`, 'utf8')).split(' ');
    expect(await isRunning(Number(waiting))).toBe(true);
    guard.kill('SIGKILL');
    await expect.poll(() => isRunning(Number(waiting))).toBe(false);
  });

  it('tells its code, and leaves what it has said', async () => {
    const { say, heard } = await standing();
    say('freeze', 'go');
    expect(await heard()).toBe('ended 3');
    expect(await host.read('output')).toBe('dumped it\ncomplaint\n');
  });

  it('can be killed when it hangs, and the guard goes on', async () => {
    const { say, die } = await standing(['sh', '-c', 'echo $$ >"$0/runc"; exec sleep 1000', host.folder]);
    say('freeze', 'go');
    await expect.poll(() => host.read('runc')).toMatch(/\d\n/);
    say('kill');
    await expect.poll(async () => isRunning(Number(await host.read('runc')))).toBe(false);
    await die();
    expect(await freezer()).toBe('THAWED');
  });
});

describe('before it is ready, a guard', () => {
  it('leaves its mark for the next agent', async () => {
    await standing();
    expect(await host.read('run/journal/source-u1.c1.guard')).toBe(`${guard.pid ?? ''}\n`);
  });

  it('moves to the cgroups of the first process, wherever those are mounted', async () => {
    await mkdir(join(host.folder, 'proc/1'), { recursive: true });
    const hierarchies = { 'cpu,cpuacct': 'init', freezer: '', systemd: 'init.scope', unified: 'init.scope' };
    for (const [name, path] of Object.entries(hierarchies)) {
      await mkdir(join(host.folder, 'cgroup', name, path), { recursive: true });
      await host.write(join('cgroup', name, path, 'cgroup.procs'), '');
    }
    const at = (name: string) => join(host.folder, 'cgroup', name);
    await host.write(
      'proc/mounts',
      [
        `tmpfs ${host.folder}/cgroup tmpfs rw 0 0`,
        `cgroup ${at('cpu,cpuacct')} cgroup rw,nosuid,cpu,cpuacct 0 0`,
        `cgroup ${at('freezer')} cgroup rw,freezer 0 0`,
        `cgroup ${at('systemd')} cgroup rw,xattr,name=systemd 0 0`,
        `cgroup2 ${at('unified')} cgroup2 rw 0 0\n`,
      ].join('\n'),
    );
    const own = [
      '5:cpu,cpuacct:/init',
      '4:freezer:/',
      '3:memory:/nowhere',
      '1:name=systemd:/init.scope',
      '0::/init.scope',
    ];
    await host.write('proc/1/cgroup', `${own.join('\n')}\n`);
    await standing();
    for (const [name, path] of Object.entries(hierarchies))
      expect([name, await host.read(join('cgroup', name, path, 'cgroup.procs'))]).toEqual([
        name,
        `${guard.pid ?? ''}\n`,
      ]);
  });
});
