import type { Eviction, ResponderStatus } from '../../api/eviction.ts';
import { timestamp } from '../../clock/clock.ts';
import { now, podWith, sourceUID } from '../../migration/move-fixture.ts';
import type { NamedPod } from '../../migration/move-of.ts';
import { builtIn } from '../../migration/policy/policy.ts';
import type { ResponseFacts } from './facts.ts';

/** For tests: the Eviction of the pod `web-1`, of which it is our turn for ten seconds, as the controller of Kubernetes makes it. */
interface Changes {
  readonly name?: string;
  /** What the controller says of us. */
  readonly state?: string;
  /** What we have said. */
  readonly said?: Partial<ResponderStatus>;
  /** The condition that is true. */
  readonly condition?: string;
  readonly podUID?: string;
}

const ours = 'transship.dev/responder';
const evictor = 'imperative-eviction.k8s.io/evictor';

const named: NamedPod = { metadata: { namespace: 'default', name: 'web-1', uid: sourceUID } };

export const evictionWith = ({
  name = 'web-1-eviction',
  state = 'Active',
  said = {},
  condition,
  podUID = sourceUID,
}: Changes = {}): Eviction => ({
  metadata: { namespace: 'default', name, uid: name, resourceVersion: '41' },
  spec: { target: { pod: { name: 'web-1', uid: podUID } } },
  status: {
    targetResponders: [
      { name: ours, priority: 20_000, state },
      { name: evictor, priority: 100, state: 'Inactive' },
    ],
    responders: [{ name: ours, startTime: timestamp(now - 10_000), ...said }, { name: evictor }],
    ...(condition && { conditions: [{ type: condition, status: 'True' }] }),
  },
});

export const factsWith = (changes: Partial<ResponseFacts> = {}): ResponseFacts => ({
  named,
  standing: { pod: podWith(), policy: builtIn, findings: [] },
  evictions: [evictionWith()],
  migrations: [],
  now,
  ...changes,
});
