import { until } from '../../lab/wait.ts';
import { getJson } from './kubectl.ts';

export interface MigrationView {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly creationTimestamp: string };
  readonly spec: { readonly podName: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly phaseTransitions?: readonly { readonly phase: string; readonly time: string }[];
    readonly timings?: Readonly<Record<string, number>>;
    readonly imageBytes?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
    readonly target?: { readonly podName: string; readonly nodeName?: string };
  };
}

export const migrationsIn = async (namespace: string): Promise<readonly MigrationView[]> =>
  (await getJson<{ items: MigrationView[] }>('migrations.transship.dev', '-n', namespace)).items;

/** The move of a pod, once it is over, with the timings that arrive a moment after its end. */
export const finishedMove = (namespace: string, podName: string): Promise<MigrationView> =>
  until({ what: `the move of ${namespace}/${podName} to be over`, timeoutMs: 60_000, everyMs: 100 }, async () => {
    const move = (await migrationsIn(namespace)).find((m) => m.spec.podName === podName);
    const phase = move?.status?.phase;
    if (phase === 'Failed' || phase === 'Cancelled') return move;
    return phase === 'Succeeded' && move?.status?.timings?.['freezeMs'] !== undefined ? move : undefined;
  });
