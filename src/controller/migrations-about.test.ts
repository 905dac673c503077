import { beforeEach, describe, expect, it } from 'vitest';
import type { Migration } from '../api/migration.ts';
import { migrationWith } from '../api/pod-fixture.ts';
import { targetPodName } from '../migration/target-pod/target-name.ts';
import { type AskedPod, migrationsAboutFrom } from './migrations-about.ts';

const pod: AskedPod = { namespace: 'shop', name: 'redis-1' };

const named = (name: string, changes: Parameters<typeof migrationWith>[0] = {}): Migration =>
  migrationWith({ ...changes, metadata: { name, uid: name, ...changes.metadata } });

const rehearses = named('rehearses', {
  spec: { podName: 'redis-7', podUID: undefined },
  status: { phase: 'Preparing', source: { nodeName: 'w1', podUID: 'uid-7', keepsName: true } },
});

const all = [
  rehearses,
  named('of-the-name', { spec: { podUID: 'earlier' } }),
  named('to-the-name', {
    spec: { podName: 'redis-0', podUID: 'uid-0' },
    status: { phase: 'Moving', target: { podName: 'redis-1' } },
  }),
  named('keeps-the-name', { spec: { podUID: undefined }, status: { phase: 'Moving', target: { podName: 'redis-1' } } }),
  named('of-the-uid', { spec: { podName: 'redis-9', podUID: 'uid-9' } }),
  named('knows-the-uid', {
    spec: { podName: 'redis-8', podUID: undefined },
    status: { phase: 'Moving', source: { nodeName: 'w1', podUID: 'uid-8' } },
  }),
  named('elsewhere', { metadata: { namespace: 'other' }, spec: { podUID: 'uid-9' } }),
];

let about: ReturnType<typeof migrationsAboutFrom>;
beforeEach(() => {
  about = migrationsAboutFrom({ items: () => all, onChange: () => undefined });
});

describe('the Migrations about a pod are', () => {
  it.each<[string, AskedPod, string[]]>([
    ['by its name those of it and those to it', pod, ['of-the-name', 'to-the-name', 'keeps-the-name']],
    [
      'by a UID besides those of that pod, whatever it is called',
      { ...pod, uid: 'uid-9' },
      ['of-the-name', 'to-the-name', 'keeps-the-name', 'of-the-uid'],
    ],
    ['by a UID also those that have learnt it', { ...pod, name: 'none', uid: 'uid-8' }, ['knows-the-uid']],
    [
      'each once, when name and UID are of one pod',
      { ...pod, uid: 'earlier' },
      ['of-the-name', 'to-the-name', 'keeps-the-name'],
    ],
    ['by the name of a rehearsal the one that rehearses', { ...pod, name: targetPodName(rehearses) }, ['rehearses']],
    ['none of another namespace', { namespace: 'other', name: 'redis-9', uid: 'uid-0' }, []],
  ])('%s', (_what, asked, names) => {
    expect(about(asked).map(({ metadata }) => metadata.name)).toEqual(names);
  });
});
