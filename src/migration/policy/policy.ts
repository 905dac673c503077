import { type Labels, requirementsOf, selects } from '../../api/label-selector.ts';
import {
  builtInPolicy,
  defaultPolicyName,
  type MigrationPolicy,
  type MigrationPolicySpec,
} from '../../api/migration-policy.ts';
import type { Pod } from '../../api/pod.ts';
import type { Finding } from '../../api/reasons.ts';

/** The policy that holds for a pod. */
export interface ChosenPolicy {
  /** Undefined where none holds but what is built in. */
  readonly name: string | undefined;
  readonly spec: MigrationPolicySpec;
}

/** Several policies select the pod equally well: none of them holds. */
export interface PolicyConflict {
  readonly conflict: Finding;
}

export type PolicyChoice = ChosenPolicy | PolicyConflict;

/** What holds where there is no policy. */
export const builtIn: ChosenPolicy = { name: undefined, spec: builtInPolicy };

const holdsFor =
  (pod: Pod, namespaceLabels: Labels) =>
  ({ spec }: MigrationPolicy): boolean =>
    selects(spec.namespaceSelector ?? {}, namespaceLabels) &&
    selects(spec.podSelector ?? {}, pod.metadata.labels ?? {});

/** What a policy selects by, from the least to the most specific. */
const grades = { fallback: 0, nothing: 1, namespaces: 2, pods: 3 } as const;

interface Specificity {
  readonly grade: number;
  readonly requirements: number;
}

/** A selector without requirements selects everything, so it is as good as none. */
const specificityOf = ({ metadata, spec }: MigrationPolicy): Specificity => {
  const ofPods = requirementsOf(spec.podSelector ?? {});
  const requirements = ofPods + requirementsOf(spec.namespaceSelector ?? {});
  if (ofPods > 0) return { grade: grades.pods, requirements };
  if (requirements > 0) return { grade: grades.namespaces, requirements };
  return { grade: metadata.name === defaultPolicyName ? grades.fallback : grades.nothing, requirements };
};

const compare = (a: Specificity, b: Specificity): number => a.grade - b.grade || a.requirements - b.requirements;

/** Those among them than which none is more specific. */
const mostSpecific = (policies: readonly MigrationPolicy[]): readonly MigrationPolicy[] => {
  const graded = policies.map((policy) => ({ policy, specificity: specificityOf(policy) }));
  return graded
    .filter(({ specificity }) => graded.every((other) => compare(specificity, other.specificity) >= 0))
    .map(({ policy }) => policy);
};

const conflictOf = ({ metadata }: Pod, policies: readonly MigrationPolicy[]): PolicyConflict => {
  const names = policies.map((policy) => policy.metadata.name).sort();
  return {
    conflict: {
      reason: 'PolicyConflict',
      message: `Pod ${metadata.namespace ?? 'default'}/${metadata.name} is selected by the MigrationPolicies ${names.join(' and ')}, of which none is more specific, so none holds; add a requirement to the selector of the one that is to hold, or make the other not select the pod`,
    },
  };
};

/**
 * The one policy of a pod: the most specific that selects it. One that selects
 * pods goes before one that selects namespaces only, and that before one that
 * selects nothing; among equals the one with more requirements. The policy
 * `default` without selectors comes last, and after it what is built in.
 */
export const policyOf = (policies: readonly MigrationPolicy[], pod: Pod, namespaceLabels: Labels): PolicyChoice => {
  const best = mostSpecific(policies.filter(holdsFor(pod, namespaceLabels)));
  if (best.length > 1) return conflictOf(pod, best);
  return best[0] ? { name: best[0].metadata.name, spec: best[0].spec } : builtIn;
};

/** As sentences name it. */
export const policyText = ({ name }: ChosenPolicy): string =>
  name === undefined ? 'the built-in policy' : `MigrationPolicy ${name}`;
