import { runtimeClass } from '../../api/names.ts';
import { reasons } from '../../api/reasons.ts';
import { peersText } from '../../migration/lost-connections.ts';
import { needsItsName } from '../../migration/namesake/kind.ts';
import { policyText } from '../../migration/policy/policy.ts';
import { columns } from '../output/columns.ts';
import { type Assessment, fittingNodes, obstaclesOf } from './assessment.ts';
import { freezeText } from './freeze-estimate.ts';
import { refusalsIn } from './places.ts';

/** An assessment for a person, for a table, and for a program. */

const nameOf = ({ pod }: Assessment): string => pod.metadata.name;
const namespaceOf = ({ pod }: Assessment): string => pod.metadata.namespace ?? 'default';

const policyLine = ({ policy }: Assessment): string =>
  policy === undefined || 'conflict' in policy
    ? 'which MigrationPolicy holds for it cannot be told, because you may not read MigrationPolicies or namespaces'
    : `${policyText(policy)} holds for it`;

const freezeLine = ({ freeze }: Assessment): string => {
  if (freeze === undefined)
    return 'for how long it would be frozen is unknown: no pod of its owner has been moved lately';
  const seen = freeze.moves === 1 ? 'the last move' : `the last ${freeze.moves} moves`;
  return `it would be frozen for about ${freezeText(freeze)}, as pods of its owner were in ${seen}`;
};

const placeLines = (assessment: Assessment, wide: boolean): readonly string[] => {
  const { places } = assessment;
  if (places === undefined) return ['where it can go cannot be told, because you may not read nodes or MigrationNodes'];
  const fitting = fittingNodes(assessment);
  const refusals = wide ? [...refusalsIn(places)].map(([why, nodes]) => `  not to ${nodes.join(', ')}: ${why}`) : [];
  return [
    `it can go to ${fitting.join(', ')}, as far as the agents tell; the scheduler looks at the rest`,
    ...refusals,
  ];
};

/** Only where there are some: what an agent does not tell may be none. */
const lossLines = ({ lost }: Assessment): readonly string[] =>
  lost.length === 0
    ? []
    : [
        `ConnectionsLost: it would lose its connections to ${peersText(lost)}, which know it by the address of its node`,
      ];

/** What is different about a pod whose object has to be gone before there can be a target. */
const nameLines = ({ pod }: Assessment): readonly string[] => {
  if (!needsItsName(pod)) return [];
  const line = 'it keeps its name, so its object is removed for the move, which is not taken back from then on';
  return pod.spec.runtimeClassName === runtimeClass
    ? [line]
    : [line, `it was not started under the RuntimeClass ${runtimeClass}, so nobody can run a program in it meanwhile`];
};

const movableLines = (assessment: Assessment, wide: boolean): readonly string[] => [
  `pod/${nameOf(assessment)} can be moved, as far as its specification tells; its processes are looked at when it is`,
  policyLine(assessment),
  ...placeLines(assessment, wide),
  freezeLine(assessment),
  ...nameLines(assessment),
  ...lossLines(assessment),
];

/** Sentences about one pod: where it can go and for how long it would stand still, or every reason why not. */
export const sentencesOn = (assessment: Assessment, wide: boolean): readonly string[] => {
  const obstacles = obstaclesOf(assessment);
  if (obstacles.length === 0) return movableLines(assessment, wide);
  return [
    `pod/${nameOf(assessment)} in namespace ${namespaceOf(assessment)} cannot be moved:`,
    ...obstacles.flatMap(({ reason, message }) => [`  ${reason}: ${message}`, `    ${reasons[reason].means}`]),
  ];
};

const unknown = '<unknown>';

/** As many as leave the table readable. */
const mostNamed = 2;

const placesCell = (assessment: Assessment, wide: boolean): string => {
  if (assessment.findings.length > 0) return '';
  if (assessment.places === undefined) return unknown;
  const fitting = fittingNodes(assessment);
  return wide || fitting.length <= mostNamed ? fitting.join(',') : `${fitting.length} nodes`;
};

const freezeCell = ({ freeze, findings }: Assessment): string => {
  if (findings.length > 0) return '';
  return freeze === undefined ? unknown : freezeText(freeze);
};

const policyCell = ({ policy }: Assessment): string => {
  if (policy === undefined) return unknown;
  return 'conflict' in policy ? '' : (policy.name ?? 'built-in');
};

export interface TableOptions {
  readonly wide: boolean;
  readonly withNamespace: boolean;
}

/** A line for each pod, the header first. */
export const tableOf = (
  assessments: readonly Assessment[],
  { wide, withNamespace }: TableOptions,
): readonly string[] => {
  const header = [...(withNamespace ? ['NAMESPACE'] : []), 'POD', 'MOVABLE', 'TO', 'FREEZE'];
  const rows = assessments.map((assessment) => {
    const obstacles = obstaclesOf(assessment);
    return [
      ...(withNamespace ? [namespaceOf(assessment)] : []),
      nameOf(assessment),
      obstacles.length === 0 ? 'yes' : 'no',
      placesCell(assessment, wide),
      freezeCell(assessment),
      ...(wide ? [policyCell(assessment)] : []),
      obstacles.map(({ reason }) => reason).join(','),
    ];
  });
  return columns([[...header, ...(wide ? ['POLICY'] : []), 'REASONS'], ...rows]);
};

/** The same for a program. What is not known is null, or left out where nothing is said of it. */
export const dataOn = (assessment: Assessment) => {
  const { policy, places, freeze, lost } = assessment;
  const obstacles = obstaclesOf(assessment);
  return {
    namespace: namespaceOf(assessment),
    pod: nameOf(assessment),
    movable: obstacles.length === 0,
    reasons: obstacles,
    policy: policy === undefined || 'conflict' in policy ? null : (policy.name ?? 'built-in'),
    nodes: places?.map(({ node, against }) => ({ node, fits: against.length === 0, reasons: against })) ?? null,
    freeze: freeze ?? null,
    lostConnections: lost,
  };
};
