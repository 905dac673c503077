import type { Node } from '../../api/pod.ts';
import type { Clock } from '../../clock/clock.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { Random } from '../../kube/backoff.ts';
import type { Lookup } from '../../kube/lookup.ts';
import type { Log } from '../../log/log.ts';

export interface CertificatePorts {
  readonly api: KubeApi;
  readonly nodes: Lookup<Node>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export const authoritySecret = 'transship-ca';
export const webhookSecret = 'transship-webhook-tls';
export const webhookConfiguration = 'transship';

/** On a Secret that somebody else renews; see certs/README.md. */
export const rotationLabel = 'transship.dev/rotation';
export const rotationDisabled = 'disabled';
