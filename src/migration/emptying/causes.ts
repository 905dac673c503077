import { isCordoned, isDecommissioned } from '../../api/closed-node.ts';
import type { MigrationPolicySpec } from '../../api/migration-policy.ts';
import type { Trigger } from '../../api/migration.ts';
import { cordonAnnotation } from '../../api/names.ts';
import type { Node } from '../../api/pod.ts';

/** What asks for a node to be emptied, as the Migrations that come of it name it. */
export type Cause = Extract<Trigger, 'Cordon' | 'Decommission'>;

export const isCause = (trigger: Trigger): trigger is Cause => trigger === 'Cordon' || trigger === 'Decommission';

const isExempt = ({ metadata }: Node): boolean => metadata.annotations?.[cordonAnnotation] === 'false';

/** The one that goes further comes first. */
export const causesOf = (node: Node): readonly Cause[] => [
  ...(isDecommissioned(node) ? (['Decommission'] as const) : []),
  ...(isCordoned(node) && !isExempt(node) ? (['Cordon'] as const) : []),
];

const triggers = { Cordon: 'cordon', Decommission: 'decommission' } as const;

/** The first of them that a pod's policy turns into a move. */
export const causeFor = (policy: MigrationPolicySpec, causes: readonly Cause[]): Cause | undefined =>
  causes.find((cause) => policy.triggers[triggers[cause]]);
