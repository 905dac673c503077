import { type Clock, microTimestamp } from '../clock/clock.ts';
import type { Log } from '../log/log.ts';
import { isAlreadyExists, isConflict, isNotFound } from './api-error.ts';
import type { KubeApi } from './api.ts';
import type { Random } from './backoff.ts';
import { leases, type Lease } from './builtin-resources.ts';

export interface LeaderOptions {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly namespace: string;
  readonly name: string;
  /** Who we are; unique among all that want the lease, also across restarts. */
  readonly identity: string;
  /** How long a leader that is silent keeps the others out; 15 s where nobody says otherwise. */
  readonly leaseSeconds?: number | undefined;
}

/* The proportions of kube-controller-manager: a leader stops (10 s) well before another may begin (15 s). */
const usualLeaseSeconds = 15;
const delaysOf = (leaseSeconds: number) => ({
  renewDeadlineMs: Math.floor((leaseSeconds * 1000 * 2) / 3),
  retryMs: Math.floor((leaseSeconds * 1000 * 2) / 15),
});

class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost';
}

/** Which version of the lease we have seen and since when, by our own clock: the holder's clock may be wrong. */
interface Observation {
  readonly resourceVersion: string;
  readonly since: number;
}

/**
 * At most one process at a time holds a Lease. It is read as client-go reads
 * it: a lease counts as dead when it has not changed for its whole duration
 * while we looked, never by comparing the holder's times with ours.
 */
export class Leader {
  readonly #options: LeaderOptions;
  readonly #leaseSeconds: number;
  readonly #delays: ReturnType<typeof delaysOf>;
  #seen: Observation | undefined;

  constructor(options: LeaderOptions) {
    this.#options = options;
    this.#leaseSeconds = options.leaseSeconds ?? usualLeaseSeconds;
    this.#delays = delaysOf(this.#leaseSeconds);
  }

  /**
   * Runs `work` whenever we lead, with a signal that aborts as soon as we may
   * no longer. Returns when `signal` aborts, after `work` has ended and the
   * lease has been given back.
   */
  async run(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, random, log, identity } = this.#options;
    while (!signal.aborted) {
      if (await this.#attempt(signal)) {
        log.info({ identity }, 'Started leading');
        await this.#lead(work, signal);
        log.info({ identity }, 'Stopped leading');
        continue;
      }
      await clock.sleep(this.#delays.retryMs * (1 + random() * 0.2), signal).catch(() => undefined);
    }
  }

  async #lead(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const leading = new AbortController();
    const stop = (): void => {
      leading.abort(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    const renewing = this.#renew(leading);
    try {
      await work(leading.signal);
    } catch (error) {
      if (!leading.signal.aborted) this.#options.log.error({ error }, 'Failed while leading');
    } finally {
      leading.abort(new LeadershipLost('the work of the leader has ended'));
      signal.removeEventListener('abort', stop);
      await renewing;
      await this.#release();
    }
  }

  async #renew(leading: AbortController): Promise<void> {
    const { clock, log } = this.#options;
    let renewed = clock.elapsed();
    while (!leading.signal.aborted) {
      try {
        await clock.sleep(this.#delays.retryMs, leading.signal);
      } catch {
        return;
      }
      // What is left of the deadline, and not a whole one: a request that hangs must not keep us leading past it.
      const leftMs = Math.max(1, renewed + this.#delays.renewDeadlineMs - clock.elapsed());
      const deadline = AbortSignal.any([leading.signal, AbortSignal.timeout(leftMs)]);
      if (await this.#attempt(deadline)) renewed = clock.elapsed();
      else if (clock.elapsed() - renewed >= this.#delays.renewDeadlineMs) {
        log.warn({}, 'Lost leadership');
        leading.abort(new LeadershipLost('the lease could not be renewed in time'));
      }
    }
  }

  /** Takes or renews the lease. False: not now; any failure counts as that. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#takeOrRenew(signal);
    } catch (error) {
      if (!signal.aborted && !isConflict(error) && !isAlreadyExists(error))
        this.#options.log.warn({ error }, 'Failed to write lease');
      return false;
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<boolean> {
    const { api, namespace, name, identity } = this.#options;
    const lease = await this.#read(signal);
    if (!lease) {
      const spec = { ...this.#claim(), acquireTime: microTimestamp(this.#options.clock.now()), leaseTransitions: 0 };
      await api.create(leases, namespace, { metadata: { name }, spec }, {}, signal);
      return true;
    }
    const holder = lease.spec?.holderIdentity ?? '';
    if (holder !== identity && holder !== '' && !this.#isDead(lease)) return false;
    const taken =
      holder === identity
        ? {}
        : {
            acquireTime: microTimestamp(this.#options.clock.now()),
            leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + 1,
          };
    const patch = {
      metadata: { resourceVersion: lease.metadata.resourceVersion },
      spec: { ...this.#claim(), ...taken },
    };
    await api.patch(leases, { namespace, name }, patch, {}, signal);
    return true;
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    const { api, namespace, name } = this.#options;
    try {
      return await api.get(leases, { namespace, name }, signal);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #claim(): object {
    const { clock, identity } = this.#options;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: this.#leaseSeconds,
      renewTime: microTimestamp(clock.now()),
    };
  }

  #isDead(lease: Lease): boolean {
    const { resourceVersion } = lease.metadata;
    const now = this.#options.clock.elapsed();
    if (this.#seen?.resourceVersion !== resourceVersion) this.#seen = { resourceVersion, since: now };
    return now - this.#seen.since >= (lease.spec?.leaseDurationSeconds ?? this.#leaseSeconds) * 1000;
  }

  /** Lets the next one begin at once. Best effort: if it fails, the lease runs out. */
  async #release(): Promise<void> {
    const { api, namespace, name, identity, log } = this.#options;
    const signal = AbortSignal.timeout(2_000);
    try {
      const lease = await this.#read(signal);
      if (lease?.spec?.holderIdentity !== identity) return;
      const patch = {
        metadata: { resourceVersion: lease.metadata.resourceVersion },
        spec: { holderIdentity: '', leaseDurationSeconds: 1 },
      };
      await api.patch(leases, { namespace, name }, patch, {}, signal);
    } catch (error) {
      log.warn({ error }, 'Failed to release lease');
    }
  }
}
