/** What `make conformance` writes to conformance.json. */
export interface ConformanceReport {
  /** The day of the run. */
  readonly date: string;
  /** Of the API server that the clients spoke to. */
  readonly kubernetes: string;
  readonly clients: readonly ClientReport[];
}

export interface ClientReport {
  readonly name: string;
  readonly version: string;
  readonly note: string;
  readonly cases: readonly CaseReport[];
}

export interface CaseReport {
  readonly does: string;
  readonly outcome: string;
  readonly passed: boolean;
  /** The runtimes of the node that was emptied and of the one that took its pods. */
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

const row = ({ does, outcome, passed, from, to, seconds }: CaseReport): string =>
  `| ${[does, outcome, `${from} → ${to}`, `${seconds.toFixed(0)} s`, passed ? 'as it says' : '**not so**'].map(cell).join(' | ')} |`;

const section = ({ name, version, note, cases }: ClientReport): string =>
  [
    `## ${name}, ${version}`,
    '',
    note,
    '',
    '| what it does | what comes of it | nodes | case took | it was |',
    '| --- | --- | --- | --- | --- |',
    ...cases.map(row),
    '',
  ].join('\n');

/**
 * Nothing of the kind passes the admission of an eviction, so there is nobody to ask: from kubernetes/kubernetes and the
 * sources of the clients.
 */
const ways = [
  '`kubectl drain --disable-eviction` and `kubectl delete pod`',
  "preemption by the scheduler, and the taint manager's NoExecute",
  "the kubelet's eviction under node pressure, and its graceful shutdown of a node",
  'deletion by force when a client has lost its patience: Karpenter at the end of the `terminationGracePeriod` of a node, the cluster autoscaler with a forced drain',
];

/** The page about the clients, from what a run has shown. */
export const conformancePage = ({ date, kubernetes, clients }: ConformanceReport): string =>
  [
    '# Clients of the eviction API',
    '',
    `What clients see of Transship that know nothing of it. \`make conformance\` runs every line on the lab, with a client that counts on a TCP connection to the pod, and writes this page; the last run was on ${date}, against Kubernetes ${kubernetes}. "Moved" means: the pod runs on the other node with its address, the connection is the one from before, and no number was skipped or repeated.`,
    '',
    ...clients.map(section),
    '## What goes past an eviction',
    '',
    'These delete a pod without asking, and so they kill it, with Transship as without. A node that is cordoned first has moved what opted in before they come, if they leave it the time.',
    '',
    ...ways.map((way) => `- ${way}`),
    '',
  ].join('\n');
