import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workers } from '../../lab/cluster.ts';
import { type Api, openApi } from '../cluster/api-as.ts';
import { kubectl } from '../cluster/kubectl.ts';
import type { MigrationView } from '../cluster/migrations.ts';
import { makeCheap, type Moment, openPair, type Pair, rollOut, scaleTo } from '../cluster/moving-pair.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { type PodView, readyPods } from '../cluster/redis.ts';
import { expectUnbroken } from '../cluster/unbroken.ts';

const namespace = 'e2e-owner-changes';

let api: Api;

beforeAll(async () => {
  api = await openApi();
  await freshNamespace(namespace);
});

afterAll(async () => {
  for (const { name } of workers) await kubectl('uncordon', name);
  await api[Symbol.asyncDispose]();
  await removeNamespace(namespace);
});

const uidsOf = (pods: readonly PodView[]): readonly string[] => pods.map(({ metadata }) => metadata.uid).toSorted();

const restartsOf = (pods: readonly PodView[]): number =>
  pods.flatMap(({ status }) => status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);

interface Ending {
  /** Pods that there are in the end. */
  readonly left: number;
  /** Pods that there have been besides the first two and the target. */
  readonly started: number;
}

/** The pods that there are in the end; nothing was started twice on the way there. */
const podsAfter = async (pair: Pair, move: MigrationView, { left, started }: Ending): Promise<readonly PodView[]> => {
  const pods = await readyPods({ namespace, name: pair.name }, left);
  const ever = pair.ever();
  const target = ever.filter(({ metadata }) => metadata.name === move.status?.target?.podName);
  expect(target).toHaveLength(1);
  const known = new Set(uidsOf([pair.moved, pair.other, ...target]));
  expect(ever.filter(({ metadata }) => !known.has(metadata.uid))).toHaveLength(started);
  expect(restartsOf(ever)).toBe(0);
  return pods;
};

const moved = { phase: 'Succeeded', reason: 'Moved' };
const targetOf = ({ status }: MigrationView, pods: readonly PodView[]): PodView | undefined =>
  pods.find(({ metadata }) => metadata.name === status?.target?.podName);

/** What a move has to end as that was underway when its owner removed the source: there is no way back from the commit. */
const endWithoutSource = ({ status }: MigrationView): object =>
  status?.phaseTransitions?.some(({ phase }) => phase === 'Committed')
    ? moved
    : { phase: 'Failed', reason: 'SourceGone' };

const moments: readonly Moment[] = ['Preparing', 'Moving', 'Committed'];

describe.each(moments)('while one of two pods is moved and the move is %s,', (moment) => {
  const nameOf = (change: string): string => `${change}-${moment.toLowerCase()}`;

  it('a scale-up ends with three pods and starts one; the client of the moved one notices nothing', async () => {
    const name = nameOf('up');
    await using pair = await openPair(namespace, name);
    const move = await pair.moveAnd(moment, () => scaleTo(api, namespace, name, 3));
    expect(move.status).toMatchObject(moved);
    const left = await podsAfter(pair, move, { left: 3, started: 1 });
    expect(uidsOf(left)).toContain(pair.other.metadata.uid);
    await expectUnbroken(pair.client, targetOf(move, left)!, pair.was);
  });

  it('a scale-down that takes the other pod leaves the moved one, whose client notices nothing', async () => {
    const name = nameOf('down-other');
    await using pair = await openPair(namespace, name);
    await makeCheap(pair.other);
    const move = await pair.moveAnd(moment, () => scaleTo(api, namespace, name, 1));
    expect(move.status).toMatchObject(moved);
    const left = await podsAfter(pair, move, { left: 1, started: 0 });
    await expectUnbroken(pair.client, targetOf(move, left)!, pair.was);
  });

  it('a scale-down that takes the very pod leaves the other one, and says what became of the move', async () => {
    const name = nameOf('down-moved');
    await using pair = await openPair(namespace, name);
    await makeCheap(pair.moved);
    const move = await pair.moveAnd(moment, () => scaleTo(api, namespace, name, 1));
    expect(move.status).toMatchObject(endWithoutSource(move));
    expect(uidsOf(await podsAfter(pair, move, { left: 1, started: 0 }))).toEqual([pair.other.metadata.uid]);
  });

  it('a rollout ends with two pods of the new template and starts two, and says what became of the move', async () => {
    const name = nameOf('rollout');
    await using pair = await openPair(namespace, name);
    const move = await pair.moveAnd(moment, () => rollOut(api, namespace, name));
    expect(move.status).toMatchObject(endWithoutSource(move));
    const left = await podsAfter(pair, move, { left: 2, started: 2 });
    expect(left.map(({ metadata }) => metadata.annotations?.['example.com/revision'])).toEqual(['2', '2']);
    expect((await pair.client.lap()).jumps).toBe(0);
  });
});
