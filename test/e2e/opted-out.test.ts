import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrationsIn } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { drainOf, startingOn } from '../cluster/nodes.ts';
import { deployRedis, identityOf, type PodView, readyPod } from '../cluster/redis.ts';

const namespace = 'e2e-opted-out';
const name = 'ordinary-redis';

let before: PodView;

beforeAll(async () => {
  await freshNamespace(namespace);
  const spec = { affinity: startingOn('n2', 'n4') };
  before = (await deployRedis({ namespace, name, startOn: 'n2', optIn: false, spec }, [])).pod;
});

afterAll(() => removeNamespace(namespace));

describe('a pod that did not opt in', () => {
  it('is left as it came', () => {
    expect(before.spec).not.toHaveProperty('runtimeClassName');
    expect(JSON.stringify(before.spec)).not.toMatch(/GODEBUG|seccompProfile/);
  });

  it('is evicted by a drain as on any cluster, and starts anew elsewhere', async () => {
    const was = await identityOf(namespace, before.metadata.name);
    const { code, stderr } = await drainOf(name, 'n2');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('transship') as string });
    const after = await readyPod({ namespace, name }, 'n4');
    const is = await identityOf(namespace, after.metadata.name);
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect(is.runID).not.toBe(was.runID);
    expect(await migrationsIn(namespace)).toEqual([]);
  });
});
