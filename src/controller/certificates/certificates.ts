import { isAlreadyExists, isConflict } from '../../kube/api-error.ts';
import { signingRequests } from '../../kube/builtin-resources.ts';
import { KeyedQueue } from '../../kube/queue.ts';
import { Reflector } from '../../kube/reflector.ts';
import { agentSignerName } from '../../certs/profile.ts';
import { type Authority, trustOf } from '../../certs/rotation.ts';
import { keepAuthority } from './authority-store.ts';
import type { CertificatePorts } from './ports.ts';
import { settleRequest } from './signer.ts';
import { publishTrust, tellApiServer } from './trust.ts';
import { keepWebhookCertificate } from './webhook-store.ts';

/** Also what a deleted Secret or a reset caBundle has to wait to be put right. */
const periodMs = 30_000;
const retryMs = 2_000;

/** The leader's care for all certificates but the agents' own keys. */
export class Certificates {
  readonly #ports: CertificatePorts;
  #authority: Authority | undefined;

  constructor(ports: CertificatePorts) {
    this.#ports = ports;
  }

  /** Looks at everything once and puts right what is not. */
  async tend(signal: AbortSignal): Promise<void> {
    const authority = await keepAuthority(this.#ports, signal);
    this.#authority = authority;
    await publishTrust(this.#ports, trustOf(authority, this.#ports.clock.now()), signal);
    const bundle = await keepWebhookCertificate(this.#ports, authority, signal);
    await tellApiServer(this.#ports, bundle, signal);
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#tending(signal), this.#signing(signal)]);
  }

  async #tending(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pause = (await this.#attempt(signal)) ? periodMs : retryMs;
      await this.#ports.clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  async #attempt(signal: AbortSignal): Promise<boolean> {
    try {
      await this.tend(signal);
      return true;
    } catch (error) {
      const isExpected = signal.aborted || isConflict(error) || isAlreadyExists(error);
      if (!isExpected) this.#ports.log.error({ error }, 'Failed to tend certificates, will retry');
      return false;
    }
  }

  async #signing(signal: AbortSignal): Promise<void> {
    const { api, clock, random, log } = this.#ports;
    const selection = { fieldSelector: `spec.signerName=${agentSignerName}` };
    const requests = new Reflector({ api, resource: signingRequests, selection, clock, random, log });
    const queue = new KeyedQueue({
      clock,
      random,
      log,
      workers: 1,
      reconcile: async (key) => {
        const request = requests.get(key);
        if (!request) return undefined;
        // Signing waits for the authority, and not the other way round.
        if (!this.#authority) return { afterMs: 500 };
        try {
          return await settleRequest(request, this.#ports, this.#authority, signal);
        } catch (error) {
          // The cache is behind our own approval, most often; its next event brings the key back.
          if (isConflict(error)) return { afterMs: 1_000 };
          throw error;
        }
      },
    });
    requests.onChange((key, request) => {
      if (request) queue.add(key);
    });
    await Promise.all([requests.run(signal), queue.run(signal)]);
  }
}
