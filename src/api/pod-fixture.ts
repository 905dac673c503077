import { type Migration, migration } from './migration.ts';
import { migrateAnnotation } from './names.ts';
import { type Pod, pod } from './pod.ts';

/** For tests: the opted-in pod `shop/redis-1` as it runs, with what the test is about changed. */
export const podWith = ({
  metadata = {},
  spec = {},
  status = {},
}: { metadata?: object; spec?: object; status?: object } = {}): Pod =>
  pod.parse({
    metadata: {
      name: 'redis-1',
      namespace: 'shop',
      uid: 'uid-1',
      resourceVersion: '1',
      annotations: { [migrateAnnotation]: 'true' },
      ...metadata,
    },
    spec: { nodeName: 'w1', containers: [{ name: 'redis', image: 'redis' }], ...spec },
    status: { phase: 'Running', ...status },
  });

/** For tests: the Migration `shop/redis-1-uid1` of that pod. */
export const migrationWith = ({
  metadata = {},
  spec = {},
  status,
}: { metadata?: object; spec?: object; status?: object } = {}): Migration =>
  migration.parse({
    metadata: {
      name: 'redis-1-uid1',
      namespace: 'shop',
      uid: 'm-1',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    spec: { podName: 'redis-1', podUID: 'uid-1', ...spec },
    ...(status && { status }),
  });
