import type { Pod } from '../../api/pod.ts';
import { pods as podResource } from '../../api/resource.ts';
import { type Assessment, assess, obstaclesOf, optedIn } from '../assessment/assessment.ts';
import { dataOn, sentencesOn, tableOf } from '../assessment/report.ts';
import { nodeNamed, podNamed } from '../cluster/named.ts';
import { podsIn } from '../cluster/pods.ts';
import { underPolicy } from '../cluster/policies.ts';
import { viewCluster } from '../cluster/view.ts';
import { exitCode } from '../exit-code.ts';
import { UserError } from '../failure.ts';
import { dataText } from '../output/data.ts';
import { referenceTo } from '../output/objects.ts';
import type { Session } from '../session.ts';
import type { OutputOptions, ScopeOptions } from '../usage/flags.ts';

export interface CheckOptions extends ScopeOptions, OutputOptions<'wide' | 'json' | 'yaml' | 'name'> {
  readonly node?: string | undefined;
  readonly policy?: string | undefined;
  /** Of -n; without it, --node asks about all namespaces. */
  readonly namespace?: string | undefined;
}

const isSelecting = ({ allNamespaces, selector, node, policy }: CheckOptions): boolean =>
  allNamespaces === true || [selector, node, policy].some((flag) => flag !== undefined);

/** In which namespace the flags select; undefined for all. */
const namespaceOf = ({ allNamespaces, node, namespace }: CheckOptions, session: Session): string | undefined =>
  allNamespaces || (node !== undefined && namespace === undefined) ? undefined : session.namespace;

const selected = async (options: CheckOptions, session: Session): Promise<readonly Pod[]> => {
  const { selector, node } = options;
  const onNode = node === undefined ? undefined : (await nodeNamed(node, session)).metadata.name;
  return podsIn({ namespace: namespaceOf(options, session), selector, node: onNode }, session);
};

const flagsText = ({ selector, node, policy }: CheckOptions, namespace: string | undefined): string =>
  [
    namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`,
    ...(selector === undefined ? [] : [`with the labels ${selector}`]),
    ...(node === undefined ? [] : [`on node ${node}`]),
    ...(policy === undefined ? [] : [`for which MigrationPolicy ${policy} holds`]),
  ].join(' ');

const nothingSelected = (options: CheckOptions, session: Session): UserError => {
  const namespace = namespaceOf(options, session);
  const where = namespace === undefined ? '-A' : `-n ${namespace}`;
  return new UserError(
    `there is no running pod ${flagsText(options, namespace)}: kubectl get pods ${where} --show-labels shows those there are, and -n or -A looks elsewhere`,
  );
};

const print = async (
  assessments: readonly Assessment[],
  options: CheckOptions,
  { session, single }: { readonly session: Session; readonly single: boolean },
): Promise<void> => {
  const { terminal } = session;
  const { output } = options;
  if (output === 'json' || output === 'yaml') {
    terminal.out(await dataText({ pods: assessments.map(dataOn) }, output));
    return;
  }
  const lines = (): readonly string[] => {
    const wide = output === 'wide';
    const movable = assessments.filter((assessment) => obstaclesOf(assessment).length === 0);
    if (output === 'name') return movable.map(({ pod }) => referenceTo(podResource, pod.metadata.name));
    if (single) return assessments.flatMap((assessment) => sentencesOn(assessment, wide));
    return tableOf(assessments, { wide, withNamespace: namespaceOf(options, session) === undefined });
  };
  for (const line of lines()) terminal.out(line);
};

const canAll = (assessments: readonly Assessment[], single: boolean): boolean =>
  assessments.every((assessment) => obstaclesOf(assessment).length === 0 || !(single || optedIn(assessment.pod)));

/**
 * Says of pods whether they can be moved, where to, and every reason why not, in
 * the words of the Migration's conditions and events.
 */
export const check = async (word: string | undefined, options: CheckOptions, session: Session): Promise<number> => {
  if (word !== undefined && isSelecting(options))
    throw new UserError('name a pod, or select pods with -A, -l, --node and --policy, but not both');
  const single = word !== undefined;
  const [asked, view] = await Promise.all([
    single ? podNamed(word, session).then((pod) => [pod]) : selected(options, session),
    viewCluster(session),
  ]);
  const pods = options.policy === undefined ? asked : underPolicy(asked, options.policy, view.policies);
  if (pods.length === 0) throw nothingSelected(options, session);
  const assessments = pods.map((pod) => assess(pod, view));
  await print(assessments, options, { session, single });
  return canAll(assessments, single) ? exitCode.done : exitCode.no;
};
