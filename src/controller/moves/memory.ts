import { type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted } from '../../api/phase.ts';
import { controllerOf, type Pod } from '../../api/pod.ts';
import type { Facts } from '../../migration/facts.ts';
import { emptyLine } from '../../migration/queue/line.ts';
import { isOfNamesakes } from '../../migration/namesake/kind.ts';
import { builtIn } from '../../migration/policy/policy.ts';
import type { MovePorts } from './ports.ts';

const wantedNode = ({ spec: { targetNodeName: name } }: Migration, ports: MovePorts): Facts['wantedNode'] =>
  name === undefined
    ? { node: undefined, agent: undefined }
    : { node: ports.nodes.get({ name }), agent: ports.migrationNodes.get({ name }) };

const othersThan = ({ metadata, spec }: Migration, { ownWrites, migrationsAbout }: MovePorts): readonly Migration[] => {
  const { namespace = 'default', uid } = metadata;
  return ownWrites
    .over(migrationsAbout({ namespace, name: spec.podName }))
    .filter((other) => other.metadata.uid !== uid);
};

type WhileWaiting = Pick<Facts, 'surroundings' | 'others' | 'line'>;

const whileWaiting = (migration: Migration, source: Pod | undefined, ports: MovePorts): WhileWaiting => ({
  surroundings: source && ports.surroundingsOf(source),
  others: othersThan(migration, ports),
  line: ports.line.get(),
});

const begun: WhileWaiting = { surroundings: undefined, others: [], line: emptyLine };

const isNodeGone = ({ status }: Migration, { nodes }: MovePorts): boolean =>
  status?.source !== undefined && nodes.get({ name: status.source.nodeName }) === undefined;

/** Where both pods have one name there is no instant with one too many. */
const siblingsOf = (migration: Migration, source: Pod | undefined, { pods }: MovePorts): readonly Pod[] => {
  const isAsked = isCommitted(phaseOf(migration)) && !isOfNamesakes(migration);
  const owner = source && isAsked ? controllerOf(source) : undefined;
  if (!owner) return [];
  return pods
    .items()
    .filter((pod) => controllerOf(pod)?.uid === owner.uid && pod.metadata.uid !== source?.metadata.uid);
};

type Known = Omit<Facts, 'migration' | 'source' | 'target' | 'lease' | 'leaseIsInUse'>;

/** What comes from memory beside the record of a move, its pods and its lease. */
export const knownOf = (migration: Migration, source: Pod | undefined, ports: MovePorts): Known => ({
  seenForMs: ports.phaseWatch.see(migration),
  removedForMs: ports.phaseWatch.seeRemoval(migration),
  sourceNode: ports.migrationNodes.get({ name: source?.spec.nodeName ?? '' }),
  sourceNodeIsGone: isNodeGone(migration, ports),
  hooks: ports.hooks.reportsOf(migration),
  siblings: siblingsOf(migration, source, ports),
  policy: source ? ports.policyOf(source) : builtIn,
  targetNode: ports.nodes.get({ name: migration.status?.target?.nodeName ?? '' }),
  wantedNode: wantedNode(migration, ports),
  ...(phaseOf(migration) === 'Pending' ? whileWaiting(migration, source, ports) : begun),
});

/**
 * Everything about a move that waits, from memory alone; undefined when it waits
 * no longer. Memory may be behind, and then a watch is about to tell: that is
 * good enough to see that nothing has to be done yet, and for nothing else.
 */
export const recall = (ports: MovePorts, cached: Migration): Facts | undefined => {
  const [migration = cached] = ports.ownWrites.over([cached]);
  if (phaseOf(migration) !== 'Pending') return undefined;
  const { namespace } = migration.metadata;
  const source = ports.pods.get({ namespace, name: migration.spec.podName });
  const unmade = { target: undefined, lease: undefined, leaseIsInUse: false };
  return { migration, source, ...unmade, ...knownOf(migration, source, ports) };
};
