import { phaseOf } from '../../../src/api/migration.ts';
import { isCommitted, type Phase } from '../../../src/api/phase.ts';
import { migrations, nodes, pods } from '../../../src/api/resource.ts';
import { ApiError, isConflict, isNotFound } from '../../../src/kube/api-error.ts';
import { type Fault, nothingToUndo, type Scene } from './fault.ts';

/** What somebody with the right to do so does to the objects of a move. */

const deletePod = async (
  { api, namespace }: Scene,
  pod: { readonly name: string; readonly uid?: string | undefined },
  gracePeriodSeconds?: number,
): Promise<void> => {
  await api.delete(pods, { namespace, name: pod.name }, { uid: pod.uid, gracePeriodSeconds });
};

/** Where the source has been deleted already there is nothing more to delete. */
const deleteSource = (scene: Scene): Promise<void> =>
  deletePod(scene, scene.sourcePod).catch((error: unknown) => {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  });

/** After the commit there is nothing to take back, and whoever asks for it has to be told. */
const isRefused = async (asked: Promise<unknown>, otherwise: string): Promise<void> => {
  const refusal = await asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(refusal instanceof ApiError)) throw new Error(otherwise, { cause: refusal });
  if (!/the move has committed/.test(refusal.message)) throw refusal;
};

const targetOf = async ({ api, namespace, migration }: Scene): Promise<string> => {
  const { status } = await api.get(migrations, { namespace, name: migration.name });
  if (!status?.target) throw new Error(`Migration ${migration.name} has no target yet`);
  return status.target.podName;
};

interface TakingBack {
  readonly isTooLate: (phase: Phase) => boolean;
  readonly ask: (scene: Scene) => Promise<unknown>;
}

const takenBack = (how: string, { isTooLate, ask }: TakingBack): Fault => ({
  name: `migration-${how}`,
  what: `the Migration is ${how}`,
  touches: 'pair',
  async inject(scene) {
    const { api, namespace, migration } = scene;
    const phase = phaseOf(await api.get(migrations, { namespace, name: migration.name }));
    const asked = ask(scene);
    await (isTooLate(phase) ? isRefused(asked, `a Migration that has committed was ${how}`) : asked);
    return nothingToUndo;
  },
});

export const objectFaults: readonly Fault[] = [
  {
    name: 'target-pod-deleted',
    what: 'the target pod is deleted',
    touches: 'pair',
    async inject(scene) {
      await deletePod(scene, { name: await targetOf(scene) });
      return nothingToUndo;
    },
  },
  {
    name: 'target-pod-deleted-by-force',
    what: 'the target pod is deleted without grace',
    touches: 'pair',
    async inject(scene) {
      await deletePod(scene, { name: await targetOf(scene) }, 0);
      return nothingToUndo;
    },
  },
  {
    name: 'source-pod-deleted',
    what: 'the source pod is deleted',
    touches: 'pair',
    async inject(scene) {
      await deleteSource(scene);
      return nothingToUndo;
    },
  },
  // One that is over may be deleted.
  takenBack('deleted', {
    isTooLate: (phase) => phase === 'Committed',
    ask: ({ api, namespace, migration: { name, uid } }) => api.delete(migrations, { namespace, name }, { uid }),
  }),
  takenBack('cancelled', {
    isTooLate: isCommitted,
    ask: ({ api, namespace, migration: { name, uid } }) =>
      api.patch(migrations, { namespace, name }, { metadata: { uid }, spec: { cancel: true } }),
  }),
  {
    name: 'target-unschedulable',
    what: 'the target node is closed for new pods',
    touches: 'pair',
    async inject({ api, target }) {
      await api.patch(nodes, { name: target }, { spec: { unschedulable: true } });
      return {
        async undo() {
          const { spec } = await api.patch(nodes, { name: target }, { spec: { unschedulable: null } });
          if (spec?.unschedulable === true) throw new Error(`node ${target} is still closed`);
        },
      };
    },
  },
];
