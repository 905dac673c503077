import { describe, expect, it } from 'vitest';
import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { isCommitted, type Phase, phases } from '../../api/phase.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { migrations, pods } from '../../api/resource.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { migrationUID, migrationWith, targetUID, targetWith } from '../../migration/move-fixture.ts';
import { askedArrival, verdictOf } from './arrival.ts';

const aMigration = (phase: Phase, nodeName?: string): Migration => ({
  metadata: { name: 'm', namespace: 'default', uid: 'u', resourceVersion: '1' },
  spec: { podName: 'web', trigger: 'Eviction', deadlineSeconds: 600 },
  status: { phase, target: { podName: 'web-m', ...(nodeName && { nodeName }) } },
});
const word = (m: Migration) => {
  const verdict = verdictOf(m, 'b');
  if (verdict instanceof ReasonedError) return verdict.reason;
  return verdict === 'later' ? verdict : verdict.verdict;
};

describe('a container that arrives at the rendezvous', () => {
  it.each<[string, Migration, string]>([
    ['waits when its move expects it here', aMigration('Preparing', 'b'), 'wait'],
    ['is asked again when the record does not name a node yet', aMigration('Preparing'), 'later'],
    ['is refused when another container of the move waits already', aMigration('Arrived', 'b'), 'RendezvousUnknown'],
    ['is refused while the move is in its freeze', aMigration('Moving', 'b'), 'RendezvousUnknown'],
    ['is refused when the move has failed', aMigration('Failed', 'b'), 'RendezvousUnknown'],
    ['is refused when the move was cancelled', aMigration('Cancelled', 'b'), 'RendezvousUnknown'],
    [
      'is refused when its attempt was taken back and another is to follow',
      aMigration('Retrying', 'b'),
      'RendezvousUnknown',
    ],
    ['is started as any other after the commit', aMigration('Committed', 'b'), 'start'],
    ['is started as any other after the move', aMigration('Succeeded', 'b'), 'start'],
    ['is started as any other when the restored one was lost', aMigration('Lost', 'b'), 'start'],
  ])('%s', (_sentence, migration, expected) => {
    expect(word(migration)).toBe(expected);
  });

  it('is never started before the commit', () => {
    for (const phase of phases.filter((p) => !isCommitted(p))) expect(word(aMigration(phase, 'b'))).not.toBe('start');
  });
});

describe('a container whose record the watch does not know', () => {
  const asked = (api: FakeApi) =>
    askedArrival({ api, here: 'n2' }, { migrationUID, podUID: targetUID }, new AbortController().signal);
  const apiWith = ({ pod, migration }: { readonly pod?: Pod; readonly migration?: Migration }): FakeApi => {
    const api = new FakeApi();
    if (pod) api.put(pods, pod);
    if (migration) api.put(migrations, migration);
    return api;
  };

  it('is told of by the API server', async () => {
    const api = apiWith({ pod: targetWith(), migration: migrationWith({ phase: 'Preparing' }) });
    await expect(asked(api)).resolves.toMatchObject({ metadata: { name: 'move' }, status: { phase: 'Preparing' } });
  });

  it('is started as any other when its pod has arrived, whatever has become of the record', async () => {
    const annotations = { 'transship.dev/migration': 'move', 'transship.dev/moved-from': 'n1' };
    await expect(asked(apiWith({ pod: targetWith({ metadata: { annotations } }) }))).resolves.toBe('start');
  });

  it.each<[string, FakeApi]>([
    ['there is no record', apiWith({ pod: targetWith() })],
    ['the record is another one', apiWith({ pod: targetWith(), migration: migrationWith({}, {}, { uid: 'other' }) })],
    ['nobody names a record', apiWith({ pod: targetWith({ metadata: { annotations: {} } }) })],
    ['the pod is gone', apiWith({ migration: migrationWith({ phase: 'Preparing' }) })],
  ])('is refused at once when %s', async (_what, api) => {
    await expect(asked(api)).rejects.toMatchObject({ reason: 'RendezvousUnknown' });
  });
});
