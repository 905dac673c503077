import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRunning, makeScriptHost, type ScriptHost } from './script-fixture.ts';

const run = promisify(execFile);

const migration = '3fa9c2d1-0000-4000-8000-000000000003';
const marked = { process: { env: ['PATH=/bin', `TRANSSHIP_MIGRATION=${migration}`] } };
const unmarked = { process: { env: ['PATH=/bin'] } };

let host: ScriptHost;

/** A runc that writes down how it was called. */
const fakeRunc = (code: number) => `#!/bin/sh
printf '%s\\n' "$*" >>"${host.folder}/called"
echo "runc was here"
exit ${String(code)}
`;

beforeEach(async () => {
  host = await makeScriptHost();
  await host.write('runc', `${await host.write('real-runc', fakeRunc(0), 0o755)}\n`);
});
afterEach(() => host.close());

const runc = (...args: string[]) => host.run('transship-runc', { args });
const create = async (config: object) => {
  await host.write('config.json', JSON.stringify(config));
  return runc(...createArguments());
};
const createArguments = (): string[] => [
  ...['--root', '/run/runc/k8s.io', '--log', join(host.folder, 'log.json'), '--log-format', 'json'],
  ...['create', '--bundle', host.folder, '--pid-file', join(host.folder, 'pid'), 'c1'],
];
const called = () => host.read('called');
const loggedMessage = async () =>
  (JSON.parse((await host.read('log.json')) ?? '{}') as { level: string; msg: string }).msg;

describe('a container that nobody moves', () => {
  it('is runc with the same arguments', async () => {
    expect(await create(unmarked)).toEqual({ code: 0, stdout: 'runc was here\n', stderr: '' });
    expect(await called()).toBe(`${createArguments().join(' ')}\n`);
  });

  it.each([
    ['start', 'c1'],
    ['kill', '--all', 'c1', '9'],
    ['delete', '--force', 'c1'],
    ['state', 'c1'],
    ['--version'],
    ['exec', '--process', '/tmp/p', '--detach', 'c1'],
  ])('is runc for %s, too', async (...args) => {
    expect((await runc(...args)).code).toBe(0);
    expect(await called()).toBe(`${args.join(' ')}\n`);
  });

  it("ends with runc's code", async () => {
    await host.write('real-runc', fakeRunc(7), 0o755);
    expect((await create(unmarked)).code).toBe(7);
  });

  it('may not choose the options of CRIU', async () => {
    await create({ ...unmarked, annotations: { 'org.criu.config': '/tmp/evil' } });
    expect(await host.read('config.json')).not.toContain('org.criu.config');
  });
});

describe('a target', () => {
  it.each<[string, () => Promise<void>]>([
    ['without an agent', () => Promise.resolve()],
    ['whose agent was killed', () => host.leaveDoorbell()],
  ])('%s is not created', async (_when, given) => {
    await given();
    const sentence = `no agent answers on this node, so move ${migration} cannot be received; look at the transship-agent pod here`;
    expect(await create(marked)).toEqual({ code: 1, stdout: '', stderr: `transship: ${sentence}\n` });
    expect(await loggedMessage()).toBe(`transship: ${sentence}`);
    expect(await called()).toBeUndefined();
  });

  it('on a node where Transship never was is not created', async () => {
    await host.write('config.json', JSON.stringify(marked));
    const { code, stderr } = await host.run('transship-runc', {
      args: createArguments().map((each) => (each === 'c1' ? 'no/such/folder' : each)),
    });
    expect(code).toBe(1);
    expect(stderr).toContain('is the Transship agent installed on this node?');
    expect(await called()).toBeUndefined();
  });

  it('asks the agent, naming its move, itself and its bundle', async () => {
    await host.startAgent('fail enough');
    await create(marked);
    await expect
      .poll(() => host.read('heard'))
      .toBe(`arrive ${host.state}/replies/c1 ${migration} c1 ${host.folder}\nended\n`);
    expect(await host.read('run/replies/c1')).toBeUndefined();
    expect(await host.read('run/replies/c1.life')).toBeUndefined();
  });

  it('whose wrapper is killed at the rendezvous lets the agent know at once', async () => {
    await host.startAgent(undefined);
    await host.write('config.json', JSON.stringify(marked));
    const wrapper = await host.start('transship-runc', { args: createArguments() });
    await expect.poll(() => host.read('heard')).toContain('arrive');
    const ended = once(wrapper, 'exit');
    wrapper.kill('SIGKILL');
    await expect.poll(() => host.read('heard')).toContain('ended\n');
    await ended;
  });

  it('whose agent is killed while it waits is refused at once', async () => {
    const agent = await host.startAgent(undefined);
    const refused = create(marked);
    await expect.poll(() => host.read('heard')).toContain('arrive');
    agent.kill('SIGKILL');
    const sentence = `the agent of this node ended while move ${migration} waited for its image; the move is tried again`;
    expect(await refused).toEqual({ code: 1, stdout: '', stderr: `transship: ${sentence}\n` });
  });

  it('whose wrapper is killed in the restore takes runc along', async () => {
    await host.write('real-runc', `#!/bin/sh\necho $$ >"${host.folder}/runc-pid"\nexec sleep 60\n`, 0o755);
    await host.startAgent(`restore ${host.folder}/image`);
    await host.write('config.json', JSON.stringify(marked));
    const wrapper = await host.start('transship-runc', { args: createArguments() });
    await expect.poll(() => host.read('runc-pid')).toMatch(/^\d+\n/);
    const runcPid = Number(await host.read('runc-pid'));
    wrapper.kill('SIGKILL');
    await expect.poll(() => host.read('heard')).toMatch(/ended\n$/);
    await expect.poll(() => isRunning(runcPid)).toBe(false);
  });

  it('that is refused fails with the sentence of the agent', async () => {
    await host.startAgent('fail RendezvousUnknown: no "such" move \\ at all');
    const { code, stderr } = await create(marked);
    expect(code).toBe(1);
    expect(stderr).toContain('RendezvousUnknown: no "such" move');
    expect(await loggedMessage()).toBe("transship: RendezvousUnknown: no 'such' move / at all");
    expect(await called()).toBeUndefined();
  });

  it('that has been adopted starts as any container does', async () => {
    await host.startAgent('start');
    expect((await create(marked)).code).toBe(0);
    expect(await called()).toBe(`${createArguments().join(' ')}\n`);
  });

  it('that is to be restored is, tells so, and has nothing left to start', async () => {
    await host.startAgent(`restore ${host.folder}/image`);
    expect((await create(marked)).code).toBe(0);
    expect(await called()).toBe(
      [
        `--root /run/runc/k8s.io --log ${host.folder}/log.json --log-format json restore --detach --tcp-established --file-locks`,
        `--manage-cgroups-mode ignore --bundle ${host.folder} --pid-file ${host.folder}/pid`,
        `--image-path ${host.folder}/image --work-path ${host.folder}/image.work c1\n`,
      ].join(' '),
    );
    await expect.poll(() => host.read('heard')).toContain('\nrestored 0\nended\n');

    expect(await runc('start', 'c1')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await called())?.split('\n')).toHaveLength(2);

    await runc('kill', 'c1', '15');
    expect(await called()).toContain('\nkill c1 15\n');

    await runc('delete', 'c1');
    await runc('start', 'c1');
    expect(await called()).toContain('\ndelete c1\nstart c1\n');
  });

  it('whose sockets go along has a CRIU that takes them, and no other has', async () => {
    await host.write('real-runc', `#!/bin/sh\necho "$PATH $TRANSSHIP_ENDS" >"${host.folder}/called"\n`, 0o755);
    await mkdir(join(host.folder, 'image.work'));
    await host.startAgent(`restore ${host.folder}/image`);
    await create(marked);
    expect(await called()).toBe('/usr/bin:/bin \n');
    await host.write('image.work/ends', '7 /opt/ends.pl 3=200\n');
    await create(marked);
    expect(await called()).toBe(`${host.folder}/sockets:/usr/bin:/bin ${host.folder}/image.work/ends\n`);
  });

  it('whose restore fails is not started, and the agent is told', async () => {
    await host.write('real-runc', fakeRunc(3), 0o755);
    await host.startAgent(`restore ${host.folder}/image`);
    expect((await create(marked)).code).toBe(3);
    await expect.poll(() => host.read('heard')).toContain('\nrestored 3\nended\n');
    expect(await host.read('run/restored/c1')).toBeUndefined();
  });
});

describe('a container of a target that others are to follow', () => {
  /** What stands in keeps the output open, as the container would. */
  const createBefore = async () => {
    await host.write('config.json', JSON.stringify(marked));
    const wrapper = await host.start('transship-runc', { args: createArguments() });
    const [code] = (await once(wrapper, 'exit')) as [number | null];
    return code;
  };
  const standIn = async () => {
    await host.startAgent('stand');
    expect(await createBefore()).toBe(0);
    return Number(await host.read('pid'));
  };
  const say = async (word: string) => {
    await host.write('second.new', `${word}\n`);
    await run('mv', [join(host.folder, 'second.new'), join(host.folder, 'second')]);
  };

  it('has a process that stands in for it, and has nothing left to start', async () => {
    const pid = await standIn();
    expect(await host.read('run/waiting/c1')).toBe(String(pid));
    expect(await isRunning(pid)).toBe(true);
    expect(await runc('start', 'c1')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await called()).toBeUndefined();
    await runc('kill', 'c1', '9');
  });

  it('becomes the runc that restores it, which ends as the container does', async () => {
    await host.write('real-runc', `#!/bin/sh\necho $$ "$*" >>"${host.folder}/called"\nexec sleep 60\n`, 0o755);
    const pid = await standIn();
    await say(`restore ${host.folder}/image`);
    await expect
      .poll(called)
      .toBe(
        [
          `${String(pid)} --root /run/runc/k8s.io --log ${host.folder}/log.json --log-format json restore --tcp-established --file-locks`,
          `--manage-cgroups-mode ignore --bundle ${host.folder} --pid-file ${host.folder}/image.work/pid`,
          `--image-path ${host.folder}/image --work-path ${host.folder}/image.work c1\n`,
        ].join(' '),
      );
    expect(await host.read('heard')).not.toContain('ended');
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => host.read('heard')).toMatch(/ended\n$/);
  });

  it('becomes one whose CRIU takes the sockets that go along', async () => {
    await host.write('real-runc', `#!/bin/sh\necho "$PATH $TRANSSHIP_ENDS" >"${host.folder}/called"\n`, 0o755);
    await mkdir(join(host.folder, 'image.work'));
    await host.write('image.work/ends', '7 /opt/ends.pl 3=200\n');
    await standIn();
    await say(`restore ${host.folder}/image`);
    await expect.poll(called).toBe(`${host.folder}/sockets:/usr/bin:/bin ${host.folder}/image.work/ends\n`);
  });

  it.each([
    ['is refused', 'fail nobody waits for it'],
    ['is told what it does not know', 'what'],
  ])('ends when it %s', async (_how, word) => {
    const pid = await standIn();
    await say(word);
    await expect.poll(() => isRunning(pid)).toBe(false);
    expect(await called()).toBeUndefined();
  });

  it('ends with its agent', async () => {
    const agent = await host.startAgent('stand');
    await createBefore();
    const pid = Number(await host.read('pid'));
    agent.kill('SIGKILL');
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('is killed for the runtime, which knows no container yet', async () => {
    const pid = await standIn();
    expect(await runc('kill', 'c1', '9')).toEqual({ code: 0, stdout: '', stderr: '' });
    await expect.poll(() => isRunning(pid)).toBe(false);
    expect(await called()).toBeUndefined();
    await runc('delete', 'c1');
    expect(await host.read('run/waiting/c1')).toBeUndefined();
  });

  it('has no command run in it before it is released', async () => {
    const pid = await standIn();
    const exec = () =>
      runc('exec', '--process', '/tmp/p', '--detach', '--pid-file', join(host.folder, 'exec-pid'), 'c1');
    expect(await exec()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await host.read('exec-pid')).toMatch(/^\d+$/);
    expect(await called()).toBeUndefined();
    await run('rm', [join(host.state, 'waiting/c1')]);
    await exec();
    expect(await called()).toContain('exec --process');
    process.kill(pid, 'SIGKILL');
  });
});

describe('a container whose signals are held', () => {
  const hold = () => run('mkfifo', [join(host.folder, 'run/held/c1')]);
  /** As the agent does it (src/agent/source/signals.ts). */
  const letThrough = () => {
    const path = join(host.folder, 'run/held/c1');
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    unlinkSync(path);
    closeSync(fd);
  };

  it('gets none until they are let through, and then at once', async () => {
    await hold();
    const killed = runc('kill', '--all', 'c1', '9');
    await sleep(300);
    expect(await called()).toBeUndefined();
    letThrough();
    expect((await killed).code).toBe(0);
    expect(await called()).toBe('kill --all c1 9\n');
  });

  it('does not keep them from others', async () => {
    await hold();
    expect((await runc('kill', 'c2', '15')).code).toBe(0);
    expect(await called()).toBe('kill c2 15\n');
  });
});

describe('a pod that has moved away', () => {
  const uid = '5a5a5a5a-0000-4000-8000-000000000001';

  it('is not started again', async () => {
    await host.write(`run/departed/${uid}`, '');
    const mounts = [{ source: `/var/lib/kubelet/pods/${uid}/etc-hosts` }];
    const { code, stderr } = await create({ ...unmarked, mounts });
    expect(code).toBe(1);
    expect(stderr).toBe(`transship: pod ${uid} has moved to another node and is not started again here\n`);
    expect(await called()).toBeUndefined();
  });

  it('keeps no other pod from starting', async () => {
    await host.write(`run/departed/${uid}`, '');
    expect((await create({ ...unmarked, mounts: [{ source: '/var/lib/kubelet/pods/other/etc-hosts' }] })).code).toBe(0);
  });
});
