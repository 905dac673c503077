import { describe, expect, it } from 'vitest';
import type { Migration } from '../../api/migration.ts';
import { decide } from '../decide.ts';
import { message, plan, preparing } from '../decision-fixture.ts';
import type { Facts } from '../facts.ts';
import {
  address,
  factsWith,
  leaseWith,
  migrationWith,
  now,
  sourceUID,
  targetUID,
  targetWith,
} from '../move-fixture.ts';
import {
  bare,
  chosen,
  keepingName,
  namesake,
  namesakeOfSet,
  ofSet,
  removedFor,
  setWith,
  unwrapped,
} from './namesake-fixture.ts';
import { longestKeptMs, removedPod } from './removal.ts';

const lease = leaseWith();
const around = { lease, leaseIsInUse: true };

/** What the first write of the status says. */
const written = (facts: Partial<Facts>) =>
  decide(factsWith(facts), now).flatMap((step) => (step.do === 'writeStatus' ? [step.patch.status] : []))[0];

describe('a pod that keeps its name', () => {
  it.each([
    ['of nobody', bare],
    ['of a StatefulSet', ofSet],
  ])('%s is accepted as such', (_of, source) => {
    expect(written({ migration: migrationWith(), source })?.source).toMatchObject({
      podUID: sourceUID,
      keepsName: true,
    });
  });

  it('has a target of its own name', () => {
    expect(written({ migration: keepingName('Inspecting'), source: bare, ...around })?.target).toEqual({
      podName: 'web-1',
    });
  });

  it.each([
    ['does not hold signals', bare, { signalsHeld: false }, 'write Failed SignalsNotHeld'],
    [
      'knows of no way but that of a RuntimeClass it was not started under',
      unwrapped,
      {},
      'write Failed SignalsNotHeld',
    ],
    ['withholds the state of one that was not', unwrapped, { stateWithheld: true }, 'write Preparing TargetCreated'],
  ])('is removed or left alone when its agent %s', (_what, source, known, step) => {
    const held = { nodeName: 'n1', podUID: sourceUID, ...keepingName('Inspecting').status?.source, ...known };
    expect(plan({ migration: keepingName('Inspecting', { source: held }), source, ...around })).toContain(step);
  });

  it.each<[string, Partial<Facts>, string[]]>([
    ['is rehearsed under another name first', { source: bare }, ['rehearse web-1-m3fa9c2']],
    [
      'is left alone when the rehearsal fails',
      { source: bare, created: { refusal: 'no' } },
      ['write Failed TargetPodRejected'],
    ],
    [
      'is written down before it is removed',
      { source: bare, created: { rehearsed: true } },
      ['write status', 'tell SourceRemoved'],
    ],
    [
      'is left alone when its StatefulSet would make another',
      { source: ofSet, statefulSet: setWith({}, { updateRevision: 'r2' }), created: { rehearsed: true } },
      ['write Failed StatefulSetChanging'],
    ],
    ['of a StatefulSet is rehearsed, too', { source: ofSet, statefulSet: setWith() }, ['rehearse web-1-m3fa9c2']],
    ['that has ended meanwhile ends the move', { source: undefined }, ['write Failed SourceGone']],
  ])('%s', (_what, facts, steps) => {
    expect(plan({ migration: keepingName('Preparing'), ...around, ...facts })).toEqual(steps);
  });

  it('is in the record as it was', () => {
    const status = written({ migration: keepingName('Preparing'), source: ofSet, created: { rehearsed: true } });
    const pod = removedPod({ status } as Migration);
    expect(pod?.metadata).toEqual(ofSet.metadata);
    expect(pod?.spec).toEqual(ofSet.spec);
    expect(pod?.status?.containerStatuses).toEqual(ofSet.status?.containerStatuses);
  });
});

describe('a pod whose removal is written down', () => {
  it.each<[string, Partial<Facts>, string[]]>([
    ['is removed', { migration: removedFor(0, bare, 'Preparing'), source: bare }, ['delete web-1']],
    [
      'is made anew as the target when its name is free',
      { migration: removedFor(10, bare, 'Preparing'), source: undefined },
      ['create web-1'],
    ],
    [
      'is made by its StatefulSet',
      { migration: removedFor(10, ofSet, 'Preparing'), source: undefined, statefulSet: setWith() },
      ['lookAgain', 'lookAgain'],
    ],
    [
      'fails when its StatefulSet will not make it',
      { migration: removedFor(10, ofSet, 'Preparing'), source: undefined, statefulSet: setWith({ replicas: 0 }) },
      ['write Failed StatefulSetChanging'],
    ],
    [
      'is noted down when it is there',
      { migration: removedFor(10, bare, 'Preparing'), source: namesake, target: namesake },
      ['write status', 'lookAgain'],
    ],
    [
      'is noted down when its StatefulSet has made it',
      { migration: removedFor(10, ofSet, 'Preparing'), source: namesakeOfSet, target: namesakeOfSet },
      ['write status', 'lookAgain'],
    ],
    [
      'is not what another StatefulSet has made with our marks',
      { migration: removedFor(10, bare, 'Preparing'), source: namesakeOfSet, target: namesakeOfSet },
      ['write Failed TargetPodRejected'],
    ],
    [
      'is waited for in no other phase: its agent tells what becomes of it',
      { migration: removedFor(10, bare, 'Moving', { target: chosen }), source: namesake, target: namesake },
      ['lookAgain'],
    ],
    [
      'is not lost by being asked back: it would end',
      {
        migration: {
          ...removedFor(10, bare, 'Moving', { target: chosen }),
          spec: { ...migrationWith().spec, cancel: true },
        },
        source: namesake,
        target: namesake,
      },
      ['lookAgain'],
    ],
    [
      'is tried again when its target is gone',
      { migration: removedFor(10, bare, 'Moving', { target: chosen }), source: undefined, target: undefined },
      ['write Retrying TargetPodGone'],
    ],
    [
      'fails when it has been kept for as long as it can be',
      { migration: removedFor(10, bare, 'Preparing'), removedForMs: longestKeptMs, source: undefined },
      ['write Failed DeadlineExceeded'],
    ],
    [
      'is not lost by a clock that is set anew',
      { migration: removedFor(3_600_000, bare, 'Preparing'), removedForMs: 10, source: undefined },
      ['create web-1'],
    ],
  ])('%s', (_what, facts, steps) => {
    expect(plan({ ...around, ...facts })).toEqual(steps);
  });

  it('says what a failure means for it', () => {
    const late = { migration: removedFor(10, bare, 'Preparing'), removedForMs: longestKeptMs };
    expect(message({ ...late, source: undefined })).toBe(
      "not committed within 75 s of the removal of the pod's object, in phase Preparing; the pod's object had been removed for the move, so the pod starts anew",
    );
  });

  it('has lost nothing where its object is still there', () => {
    const migration = removedFor(10, bare, 'Preparing');
    const facts = { migration, removedForMs: longestKeptMs, source: bare, ...around };
    expect(written(facts)).toMatchObject({ phase: 'Failed', removal: null });
    expect(message(facts)).toBe("not committed within 75 s of the removal of the pod's object, in phase Preparing");
  });

  it('keeps its deadline to itself: that of the request does not count any more', () => {
    const old = { creationTimestamp: '2025-01-01T00:00:00Z' };
    const { metadata, ...rest } = removedFor(10, bare, 'Preparing');
    expect(plan({ migration: { ...rest, metadata: { ...metadata, ...old } }, source: undefined, ...around })).toEqual([
      'create web-1',
    ]);
  });

  it('gets the address of its target', () => {
    const committed = removedFor(10, bare, 'Committed', {
      source: { ...keepingName('Pending').status?.source, nodeName: 'n1', podUID: sourceUID, address },
      target: chosen,
    });
    expect(
      decide(factsWith({ migration: committed, source: namesake, target: namesake, lease }), now)[0],
    ).toMatchObject({
      do: 'patchLease',
      patch: { spec: { podName: 'web-1', podUID: targetUID, nodeName: 'n2' } },
    });
  });
});

it('a target of another name that a StatefulSet has made with our marks is none', () => {
  const forged = targetWith({ metadata: { ownerReferences: namesakeOfSet.metadata.ownerReferences } });
  expect(plan({ migration: preparing, target: forged })).toEqual(['write Failed TargetPodRejected']);
});

describe('between two attempts', () => {
  const retrying = removedFor(10, ofSet, 'Retrying', { target: chosen, attempt: 2 });

  it.each<[string, Partial<Facts>, string[]]>([
    [
      'the target of the last one is removed',
      { source: namesakeOfSet, target: namesakeOfSet },
      ['delete web-1', 'lookAgain'],
    ],
    [
      'the one that its StatefulSet has made since is for the next',
      { source: undefined, target: { ...namesakeOfSet, metadata: { ...namesakeOfSet.metadata, uid: 'next' } } },
      ['write Inspecting Accepted'],
    ],
  ])('%s', (_what, facts, steps) => {
    expect(plan({ migration: retrying, ...around, ...facts })).toEqual(steps);
  });
});
