import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsInLog } from '../../src/trace/shiviz-rules.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { migrationsIn } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { installPlugin, type Plugin } from '../cluster/plugin.ts';
import { deployRedis, identityOf, type PodView, readyPod } from '../cluster/redis.ts';

const namespace = 'e2e-command-line';
const name = 'redis';

let plugin: Plugin;
let pod: PodView;

beforeAll(async () => {
  await freshNamespace(namespace);
  plugin = await installPlugin();
  const spec = { affinity: startingOn('n2', 'n4') };
  pod = (await deployRedis({ namespace, name, startOn: 'n2', spec }, [])).pod;
});

afterAll(async () => {
  await plugin[Symbol.asyncDispose]();
  await removeNamespace(namespace);
});

describe('kubectl transship', () => {
  it('checks whether a pod can be moved', async () => {
    const { code, stdout } = await plugin.run('check', pod.metadata.name, '-n', namespace);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('can be moved') as string });
    expect(stdout).toMatch(/^it can go to .*n4/m);
  });

  it.each([
    ['to a node that does not exist', 'n99', 'there is no node n99'],
    ['to the node where it is', 'n2', 'is the source of the move'],
  ])('refuses to move it %s, and changes nothing', async (_where, to, said) => {
    const { code, stderr } = await plugin.run('pod', pod.metadata.name, '--to', to, '-n', namespace);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(said) as string });
    expect(await migrationsIn(namespace)).toEqual([]);
  });

  it('has the API server check a move without asking for it', async () => {
    const { code, stdout, stderr } = await plugin.run('pod', pod.metadata.name, '--dry-run=server', '-n', namespace);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/created \(server dry run\)\n$/) as string,
    });
    expect(await migrationsIn(namespace)).toEqual([]);
  });

  it('moves it, tells each step, and says when it has arrived', async () => {
    const was = await identityOf(namespace, pod.metadata.name);
    const move = ['pod', pod.metadata.name, '--to', 'n4', '--wait', '-n', namespace];
    const { code, stdout, stderr } = await plugin.run(...move);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^(Pending|Inspecting)[^]*\nSucceeded/) as string,
    });
    expect(stdout).toMatch(/moved from n2 to n4 as pod\/\S+, frozen for \d+ ms\n$/);
    const after = await readyPod({ namespace, name }, 'n4');
    expect(await identityOf(namespace, after.metadata.name)).toEqual(was);
  });

  it('lists the move', async () => {
    const { stdout } = await plugin.run('get', '-o', 'wide', '-n', namespace);
    expect(stdout).toMatch(new RegExp(`${pod.metadata.name}.*Succeeded`));
  });

  it('describes the move, with its events', async () => {
    const { stdout: name } = await plugin.run('get', '-o', 'name', '-n', namespace);
    const { code, stdout } = await plugin.run('describe', name.trim(), '-n', namespace);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Phase: +Succeeded$/m);
    expect(stdout).toMatch(/^Events:\n[^]*Normal +Moved /m);
  });

  it('traces the move as a log that ShiViz takes, from the command line to the end', async () => {
    const { stdout: name } = await plugin.run('get', '-o', 'name', '-n', namespace);
    await expect
      .poll(async () => (await plugin.run('trace', name.trim(), '-n', namespace)).stdout, { timeout: 10_000 })
      .toMatch(/agent-n2 +hears "released"/); // logs come a moment later
    const { code, stdout, stderr } = await plugin.run('trace', name.trim(), '--format', 'shiviz', '-n', namespace);
    expect({ code, stderr, faults: faultsInLog(stdout) }).toEqual({ code: 0, stderr: '', faults: [] });
    expect(stdout).toMatch(/^\S+ cli .* asks for the move$[^]* controller .* writes Succeeded/m);
  });

  it.each(['Succeeded', 'Finished'])('leaves the condition %s, which kubectl can wait for', async (condition) => {
    const wait = ['wait', 'migrations', '--all', '-n', namespace, `--for=condition=${condition}`, '--timeout=30s'];
    expect(await kubectl(...wait)).toContain('condition met');
  });

  it('will not take back what has ended', async () => {
    const { stdout: name } = await plugin.run('get', '-o', 'name', '-n', namespace);
    const { code, stderr } = await plugin.run('cancel', name.trim(), '-n', namespace);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('has ended (Succeeded)') as string });
  });

  it('prints the versions of all that runs', async () => {
    const { code, stdout } = await plugin.run('version');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Client Version: \S+\nController Version: \S+ \(.*\)\nAgent Version: \S+ \(.*\)\nAgent Protocol: \d+ \(/,
    );
  });

  it('completes names where kubectl asks for them', async () => {
    const { stdout } = await plugin.complete('describe', '-n', namespace, pod.metadata.name);
    expect(stdout).toContain(`${pod.metadata.name}-`);
    expect(stdout).toMatch(/^:4$/m);
  });

  it('ends with a code when there is no such pod', async () => {
    const { code, stderr } = await plugin.run('pod', 'nobody', '--wait', '-n', namespace);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('nobody') as string });
  });
});
