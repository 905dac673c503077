import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryKubectl } from '../cluster/kubectl.ts';
import { migrationsIn } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, type PodView, podsOf } from '../cluster/redis.ts';

const namespace = 'e2e-dry-run';
const name = 'redis';

let pod: PodView;

beforeAll(async () => {
  await freshNamespace(namespace);
  pod = (await deployRedis({ namespace, name, startOn: 'n4', spec: { affinity: startingOn('n4', 'n2') } }, [])).pod;
});

afterAll(() => removeNamespace(namespace));

describe('a drain that is only tried out', () => {
  it('moves nothing', async () => {
    const drain = ['drain', 'n4', '--dry-run=server', `--pod-selector=app=${name}`, '--timeout=30s'];
    const { code, stdout } = await tryKubectl(...drain);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('(server dry run)') as string });
    expect(await migrationsIn(namespace)).toEqual([]);
    expect((await podsOf({ namespace, name })).map(({ metadata }) => metadata.uid)).toEqual([pod.metadata.uid]);
  });
});
