import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  });

  it('moves it, tells each step, and says when it has arrived', async () => {
    const was = await identityOf(namespace, pod.metadata.name);
    const move = ['migrate', pod.metadata.name, '--to', 'n4', '--wait', '-n', namespace];
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
    const { stdout } = await plugin.run('list', '-n', namespace);
    expect(stdout).toMatch(new RegExp(`${pod.metadata.name}.*Succeeded`));
  });

  it('ends with a code when there is no such pod', async () => {
    const { code, stderr } = await plugin.run('migrate', 'nobody', '--wait', '-n', namespace);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('nobody') as string });
  });
});
