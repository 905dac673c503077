import { migrations as migrationResource } from '../../api/resource.ts';
import type { Clock } from '../../clock/clock.ts';
import { isAlreadyExists, isNotFound, isRefused } from '../../kube/api-error.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { EventRecorder } from '../../kube/events.ts';
import { ensureGone } from '../../kube/live.ts';
import type { Log } from '../../log/log.ts';
import { draftOf } from '../../migration/draft.ts';
import { annotated } from '../../trace/annotated.ts';
import type { Tracer } from '../../trace/tracer.ts';
import type { Trouble } from './facts.ts';
import type { Order } from './outcome.ts';
import { Troubles } from './troubles.ts';
import { refOf } from './words.ts';

export interface EvacuationPorts {
  readonly api: Pick<KubeApi, 'create' | 'delete'>;
  readonly events: EventRecorder;
  readonly clock: Pick<Clock, 'now'>;
  readonly tracer: Tracer;
  readonly log: Log;
}

/** The API server queues a client's writes, and a node has at most a few hundred pods. */
const lanes = 8;
const mostWaiting = 2_000;
const creationTimeoutMs = 10_000;

const isRefusal = (error: unknown): boolean => isRefused(error) || isNotFound(error);

/**
 * The Migrations that evictions have asked for, made behind their answers (ADR
 * 14). Nothing is tried again by itself: as long as anybody wants the pod gone,
 * the next eviction comes, is told what came of this one, and is the next try.
 */
export class Evacuations {
  readonly #ports: EvacuationPorts;
  /** By the pod's UID, and in the order in which they came. */
  readonly #waiting = new Map<string, Order>();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #troubles: Troubles;
  #isClosed = false;

  constructor(ports: EvacuationPorts) {
    this.#ports = ports;
    this.#troubles = new Troubles(ports.clock);
  }

  /** Has the Migration of a pod made, unless that is under way already. Returns at once and never throws. */
  request(order: Order): void {
    const { uid } = order.pod.metadata;
    if (this.#isClosed || this.#underWay.has(uid) || this.#waiting.has(uid)) return;
    if (this.#waiting.size + this.#underWay.size >= mostWaiting + lanes) {
      this.#troubles.note(uid, { why: `${mostWaiting} others are to be recorded first`, isRefusal: false });
      return;
    }
    this.#waiting.set(uid, order);
    // After the answer has been written: that comes first.
    setImmediate(() => {
      this.#fill();
    });
  }

  /** Why there is no Migration of this pod yet, though one was to be made. */
  troubleOf(uid: string): Trouble | undefined {
    return this.#troubles.of(uid);
  }

  /** Takes nothing any more, and resolves when what is under way has ended. What waits is asked for again. */
  async close(): Promise<void> {
    this.#fill();
    this.#isClosed = true;
    this.#waiting.clear();
    await this.settled();
  }

  /** Resolves when nothing waits or is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size + this.#waiting.size > 0) {
      this.#fill();
      await Promise.all(this.#underWay.values());
    }
  }

  #fill(): void {
    for (const [uid, order] of this.#waiting) {
      if (this.#underWay.size >= lanes) return;
      this.#waiting.delete(uid);
      const made = this.#make(order).finally(() => {
        this.#underWay.delete(uid);
        this.#fill();
      });
      this.#underWay.set(uid, made);
    }
  }

  async #make(order: Order): Promise<void> {
    const { pod, policy, instead } = order;
    const { api, log, tracer } = this.#ports;
    const draft = draftOf(pod, 'Eviction', policy);
    const { namespace, name } = draft.metadata;
    const signal = AbortSignal.timeout(creationTimeoutMs);
    try {
      // It has the name that the new one is to get.
      if (instead) await ensureGone(api, migrationResource, instead, signal);
      const beginning = tracer.begin('turns an eviction into the move');
      const body = annotated(draft, beginning.annotations);
      beginning.made(await api.create(migrationResource, namespace, body, {}, signal));
      log.info({ pod: refOf(pod), migration: name }, 'Turned eviction into migration');
      this.#tell(order, `Pod ${refOf(pod)} is moved by Migration ${namespace}/${name} instead of being evicted`);
      this.#troubles.forget(pod.metadata.uid);
    } catch (error) {
      this.#fail(order, error);
    }
  }

  #fail({ pod }: Order, error: unknown): void {
    const { uid } = pod.metadata;
    // The other replica was first, or somebody else.
    if (isAlreadyExists(error)) {
      this.#troubles.forget(uid);
      return;
    }
    this.#ports.log.warn({ error, pod: refOf(pod) }, 'Failed to create migration for eviction');
    const why = error instanceof Error ? error.message : String(error);
    this.#troubles.note(uid, { why, isRefusal: isRefusal(error) });
  }

  #tell({ pod }: Order, message: string): void {
    const { namespace, name, uid } = pod.metadata;
    const regarding = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
    this.#ports.events.record(regarding, 'Normal', 'EvacuationTriggered', message);
  }
}
