import { setTimeout as sleep } from 'node:timers/promises';
import { administrator, type Answer, type Api } from '../../cluster/api-as.ts';
import { kubectl } from '../../cluster/kubectl.ts';
import type { PodView } from '../../cluster/redis.ts';
import type { Scene } from '../scene.ts';

/** An Eviction as a program posts it, without a client library between it and the API server. */
export interface RawEviction {
  readonly apiVersion: 'policy/v1' | 'policy/v1beta1';
  readonly deleteOptions: object;
}

type Names = Pick<PodView['metadata'], 'namespace' | 'name'>;

/** Posts one for a pod, as administrator. */
export const post = async (
  api: Api,
  { namespace, name }: Names,
  { apiVersion, deleteOptions }: RawEviction,
  { transcript }: Scene,
): Promise<Answer> => {
  const eviction = { apiVersion, kind: 'Eviction', metadata: { namespace, name }, deleteOptions };
  const answer = await api.post(administrator, `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction);
  transcript.push(`POST eviction of ${name}: ${String(answer.code)} ${answer.message}`);
  return answer;
};

export interface Patience {
  /** Codes of answers after which it asks no more. */
  readonly endsAt: readonly number[];
  /** How long it waits after its first, second, … question. */
  readonly pauseMs: (asked: number) => number;
  /** It asks no more when so long has passed. */
  readonly budgetMs: number;
}

export interface Persistence {
  readonly answers: readonly Answer[];
  readonly tookMs: number;
}

/** Asks again and again, as a program that retries. */
export const persist = async (
  ask: () => Promise<Answer>,
  { endsAt, pauseMs, budgetMs }: Patience,
): Promise<Persistence> => {
  const begun = performance.now();
  const tookMs = (): number => performance.now() - begun;
  const answers: Answer[] = [];
  while (answers.length === 0 || tookMs() < budgetMs) {
    const answer = await ask();
    answers.push(answer);
    if (endsAt.includes(answer.code)) break;
    await sleep(pauseMs(answers.length));
  }
  return { answers, tookMs: tookMs() };
};

/** What every answer says until the pod has moved. */
export const isEvacuation = ({ code, message }: Answer): boolean =>
  code === 429 && message.includes('Eviction triggered evacuation');

/** Closes the node of a scene for new pods, as such programs do, until the end of the case. */
export const taint = async ({ from, undo }: Scene, key: string, value = ''): Promise<void> => {
  undo.defer(async () => {
    await kubectl('taint', 'node', from, `${key}:NoSchedule-`);
  });
  await kubectl('taint', 'node', from, `${key}=${value}:NoSchedule`);
};
