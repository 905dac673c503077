import { until } from '../../lab/wait.ts';
import { apiVersion } from '../../src/api/group.ts';
import { apply, getJson } from './kubectl.ts';

export interface MigrationView {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly creationTimestamp: string;
  };
  readonly spec: { readonly podName: string; readonly trigger?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly source?: { readonly nodeName: string; readonly podUID: string };
    readonly phaseTransitions?: readonly { readonly phase: string; readonly time: string }[];
    readonly timings?: Readonly<Record<string, number>>;
    readonly imageBytes?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
    readonly attempts?: readonly { readonly reason: string; readonly nodeName?: string }[];
    readonly target?: {
      readonly podName: string;
      readonly nodeName?: string;
      readonly containers?: readonly { readonly name: string; readonly id: string }[];
    };
  };
}

export const migrationsIn = async (namespace: string): Promise<readonly MigrationView[]> =>
  (await getJson<{ items: MigrationView[] }>('migrations.transship.dev', '-n', namespace)).items;

/**
 * The move of a pod, once it is over, with the timings that arrive a moment after its end.
 *
 * @param podUID of one that keeps its name: each of its moves is that of another pod
 */
export const finishedMove = (namespace: string, podName: string, podUID?: string): Promise<MigrationView> =>
  until({ what: `the move of ${namespace}/${podName} to be over`, timeoutMs: 60_000, everyMs: 100 }, async () => {
    const move = (await migrationsIn(namespace)).find(
      ({ spec, status }) => spec.podName === podName && (podUID ?? status?.source?.podUID) === status?.source?.podUID,
    );
    const phase = move?.status?.phase;
    if (phase === 'Failed' || phase === 'Cancelled') return move;
    return phase === 'Succeeded' && move?.status?.timings?.['freezeMs'] !== undefined ? move : undefined;
  });

/** Fails with what the record says of a move that did not succeed. */
export const expectSuccess = ({ status }: MigrationView): void => {
  const { phase = '', reason = '', message = '', attempts = [] } = status ?? {};
  if (phase === 'Succeeded') return;
  throw new Error(`the move ended as ${phase}: ${reason}: ${message} ${JSON.stringify(attempts)}`);
};

/** Asks for a move as a user does, with an object; its spec may be wrong. */
export const requestMove = (namespace: string, name: string, spec: object): Promise<void> =>
  apply({ apiVersion, kind: 'Migration', metadata: { namespace, name }, spec });

export const migrationNamed = (namespace: string, name: string): Promise<MigrationView> =>
  getJson<MigrationView>('migration.transship.dev', name, '-n', namespace);

export const conditionOf = ({ status }: { readonly status?: MigrationView['status'] | undefined }, type: string) =>
  status?.conditions?.find((c) => c.type === type);

/** The Migration once nothing happens to it any more and all that it made has been cleaned up. */
export const overMove = (namespace: string, name: string, timeoutMs = 60_000): Promise<MigrationView> =>
  until({ what: `Migration ${namespace}/${name} to be over`, timeoutMs, everyMs: 200 }, async () => {
    const move = await migrationNamed(namespace, name);
    return conditionOf(move, 'Finished')?.status === 'True' ? move : undefined;
  });

/** In milliseconds, by their names in the status; they arrive a moment after the end of a move. */
export const timingsOf = (namespace: string, name: string): Promise<Readonly<Record<string, number>>> =>
  until({ what: `the timings of ${namespace}/${name}`, timeoutMs: 10_000, everyMs: 100 }, async () => {
    const { status } = await migrationNamed(namespace, name);
    return status?.timings?.['freezeMs'] === undefined ? undefined : status.timings;
  });

/** The first Migration of a pod that has come into a phase. */
export const moveIn = (phase: string, namespace: string, podName: string): Promise<MigrationView> =>
  until({ what: `the move of ${namespace}/${podName} to be ${phase}`, timeoutMs: 30_000, everyMs: 50 }, async () =>
    (await migrationsIn(namespace)).find(({ spec, status }) => spec.podName === podName && status?.phase === phase),
  );
