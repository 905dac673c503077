import type { Pod } from '../../api/pod.ts';
import { findingsOf } from '../eligibility.ts';
import { agentOf, now } from '../move-fixture.ts';
import { builtIn } from '../policy/policy.ts';

/* For tests of what speaks against moving a pod. */

export const container = (changes: object) => ({ containers: [{ name: 'web', image: 'web:1', ...changes }] });

export const ownedBy = (kind: string) => ({
  ownerReferences: [{ apiVersion: 'v1', kind, name: 'owner', uid: 'o', controller: true }],
});

export const annotated = (annotations: object) => ({
  annotations: { 'transship.dev/migrate': 'true', ...annotations },
});

export const statusOf = (name: string, ready: boolean) => ({ name, image: '', imageID: '', ready, restartCount: 0 });

/** All that speaks against it, each as a sentence with its reason. */
export const findings = (pod: Pod): readonly string[] =>
  findingsOf({ pod, sourceNode: agentOf('n1'), policy: builtIn, now }).map(
    ({ reason, message }) => `${reason}: ${message}`,
  );
