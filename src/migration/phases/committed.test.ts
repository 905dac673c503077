import { describe, expect, it } from 'vitest';
import type { Facts } from '../facts.ts';
import { decide } from '../decide.ts';
import { committed, containerIs, lease, message, plan, released, unready } from '../decision-fixture.ts';
import {
  address,
  factsWith,
  leaseWith,
  migrationUID,
  migrationWith,
  now,
  podWith,
  targetName,
  targetUID,
  targetWith,
} from '../move-fixture.ts';

describe('a Migration after the commit', () => {
  const handOver = ['patch web-1', `patch ${targetName}`, 'delete web-1'];
  const moved = ['write Succeeded Moved', 'tell Moved'];

  it.each<[string, Partial<Facts>, string[]]>([
    [
      'gives the address to the target at once',
      { migration: committed, target: targetWith({ status: unready }), lease: leaseWith() },
      ['patchLease', 'lookAgain'],
    ],
    [
      'says nothing of success before the agent has seen the target run, however ready the kubelet calls it',
      { migration: committed, target: targetWith() },
      ['lookAgain'],
    ],
    ['waits for the target to be ready', { target: targetWith({ status: unready }) }, ['lookAgain']],
    [
      'does not wait for that when the source is being deleted, because its owner starts another',
      { target: targetWith({ status: unready }), source: podWith({ metadata: { deletionTimestamp: 'x' } }) },
      [...handOver, ...moved],
    ],
    [
      'nor when the source is gone',
      { target: targetWith({ status: unready }), source: undefined },
      [`patch ${targetName}`, ...moved],
    ],
    [
      'waits even then until the agent has seen the target run',
      { migration: committed, target: targetWith({ status: unready }), source: undefined },
      ['lookAgain'],
    ],
    ['hands over when the target runs and is ready', { target: targetWith() }, [...handOver, ...moved]],
    [
      'goes on where it was interrupted',
      { target: targetWith({ metadata: { labels: {} } }) },
      ['delete web-1', ...moved],
    ],
    [
      'is a success even if the owner has begun to remove what it was given when it was interrupted',
      { target: targetWith({ metadata: { labels: {}, deletionTimestamp: 'x' } }) },
      ['delete web-1', ...moved],
    ],
    [
      'and if what the owner was given has ended since',
      { target: targetWith({ metadata: { labels: {} }, status: { phase: 'Failed' } }), source: undefined },
      moved,
    ],
    [
      'is lost when the target is being deleted before its owner has it',
      { target: targetWith({ metadata: { deletionTimestamp: 'x' } }) },
      ['write Lost TargetLost'],
    ],
    [
      'does not need the source any more',
      { target: targetWith(), source: undefined },
      [`patch ${targetName}`, ...moved],
    ],
    [
      "does not touch a new pod of the source's name",
      { target: targetWith(), source: podWith({ metadata: { uid: 'new' } }) },
      [`patch ${targetName}`, ...moved],
    ],
    ['is lost when the target is gone', {}, ['write Lost TargetLost']],
    [
      'is lost when the target is another pod by now',
      { target: targetWith({ metadata: { uid: 'new' } }) },
      ['write Lost TargetLost'],
    ],
    [
      'is lost when the target has ended',
      { target: targetWith({ status: { phase: 'Failed' } }) },
      ['write Lost TargetLost'],
    ],
    [
      'is lost when the container is a new one',
      { target: targetWith({ status: containerIs({ containerID: 'docker://c3', state: { running: {} } }) }) },
      ['write Lost TargetLost'],
    ],
    [
      'is lost when the restored container has ended, before anybody saw it run',
      {
        migration: committed,
        target: targetWith({ status: containerIs({ state: { terminated: { containerID: 'docker://c2' } } }) }),
      },
      ['write Lost TargetLost'],
    ],
    [
      'is lost when the restored container is the last one',
      {
        migration: committed,
        target: targetWith({
          status: containerIs({
            ...{ containerID: 'docker://c3', restartCount: 1, state: { waiting: {} } },
            lastState: { terminated: { containerID: 'docker://c2' } },
          }),
        }),
      },
      ['write Lost TargetLost'],
    ],
    [
      'does not take for a restart that a container before the restored one could not be created',
      {
        migration: committed,
        target: targetWith({ status: containerIs({ restartCount: 1, state: { running: {} } }) }),
      },
      ['lookAgain'],
    ],
    [
      'waits for the kubelet to tell of the restored container where it still tells of one before it',
      {
        migration: committed,
        target: targetWith({
          status: containerIs({
            ...{ containerID: 'docker://c1', state: { terminated: { containerID: 'docker://c1' } } },
          }),
        }),
      },
      ['lookAgain'],
    ],
    [
      'moves the address also to a target that is lost',
      { target: targetWith({ status: { phase: 'Failed' } }), lease: leaseWith() },
      ['patchLease', 'write Lost TargetLost'],
    ],
    [
      'is not stopped by cancel or deadline',
      {
        migration: migrationWith({ ...released.status }, { cancel: true, deadlineSeconds: 10 }),
        target: targetWith(),
      },
      [...handOver, ...moved],
    ],
  ])('%s', (_name, facts, expected) => {
    expect(plan({ migration: released, lease, ...facts })).toEqual(expected);
  });

  it('does not wait for readiness for ever', () => {
    const facts = { migration: released, target: targetWith({ status: unready }), lease };
    expect(plan({ ...facts, seenForMs: 59_999 })).toEqual(['lookAgain']);
    const [giveUp = '', ...rest] = handOver;
    expect(plan({ ...facts, seenForMs: 60_000 })).toEqual([giveUp, 'patchPodStatus', ...rest, ...moved]);
    expect(message({ ...facts, seenForMs: 60_000 })).toBe(
      `Pod web-1 was moved from node n1 to node n2 as ${targetName}; it is not ready yet`,
    );
  });

  it('says of a target that its owner removes already that it is being deleted', () => {
    const going = targetWith({ metadata: { name: targetName, labels: {}, deletionTimestamp: 'x' } });
    expect(message({ migration: released, target: going, lease })).toBe(
      `Pod web-1 was moved from node n1 to node n2 as ${targetName}; it is being deleted by now`,
    );
  });

  const targetNode = { metadata: { name: 'n2', uid: 'n2', resourceVersion: '1' }, status: { conditions: [] } };

  it.each<[string, Partial<Facts>, number, string[]]>([
    ['waits at first for a node that is not ready', { targetNode }, 59_999, ['lookAgain']],
    ['is lost with a node that is not ready after a minute', { targetNode }, 60_000, ['write Lost TargetLost']],
    ['is lost with a node that does not exist', { targetNode: undefined }, 60_000, ['write Lost TargetLost']],
    ['waits longer for the agent of a node that lives', {}, 299_999, ['lookAgain']],
    ['is lost when that agent says nothing for five minutes', {}, 300_000, ['write Lost TargetLost']],
    [
      'is lost with its node, too, when the target was seen to run but is not ready yet',
      { migration: released, targetNode, target: targetWith({ status: unready }) },
      60_000,
      ['write Lost TargetLost'],
    ],
  ])('%s', (_what, facts, seenForMs, expected) => {
    expect(plan({ migration: committed, target: targetWith(), lease, seenForMs, ...facts })).toEqual(expected);
  });

  it('is not lost because the time of day was set', () => {
    const facts = { migration: committed, target: targetWith(), lease };
    expect(plan(facts, now + 3_600_000)).toEqual(['lookAgain']);
    expect(plan(facts, now - 3_600_000)).toEqual(['lookAgain']);
  });

  it.each<[string, Partial<Facts>, number, string]>([
    ['the pod', { target: undefined }, 0, `the target pod ${targetName} does not exist any more`],
    ['the node', { targetNode }, 60_000, `the node n2 of the target pod ${targetName} is not ready`],
    ['the agent', {}, 300_000, `the agent of its node did not say within 300 s that the target pod ${targetName} runs`],
  ])('says of a loss that %s was at fault, and what it means', (_what, facts, seenForMs, why) => {
    expect(message({ migration: committed, target: targetWith(), lease, seenForMs, ...facts })).toBe(
      `${why}, after the commit; the pod starts anew`,
    );
  });

  it('gives the address to that very target', () => {
    const [step] = decide(
      factsWith({
        migration: committed,
        target: targetWith(),
        lease: leaseWith({}, { 'transship.dev/migration': migrationUID }),
      }),
      now,
    );
    expect(step).toMatchObject({
      name: address.ip,
      patch: {
        metadata: { resourceVersion: '31', annotations: { 'transship.dev/migration': null } },
        spec: { nodeName: 'n2', podUID: targetUID },
      },
    });
  });
});
