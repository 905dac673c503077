import { refusals } from '../src/admission/eviction/outcome.ts';
import { evictionTable, type Kind, type Row, type Words } from '../src/admission/eviction/table.ts';

const refusalText = ({ code, reason }: { readonly code: number; readonly reason: string }): string =>
  `${code} ${reason}`;

const answers: Readonly<Record<Kind, string>> = {
  unasked: 'not asked',
  allow: 'allowed',
  warn: 'allowed, with a warning',
  later: refusalText(refusals.later),
  gone: refusalText(refusals.gone),
};

const placeholders: Words = {
  pod: 'NAMESPACE/POD',
  migration: 'NAMESPACE/MIGRATION',
  progress: 'PHASE, REASON: MESSAGE',
  target: 'pod NAMESPACE/POD on node NODE',
  policy: 'MigrationPolicy POLICY',
  why: 'REASON: MESSAGE; …',
  until: 'TIME',
  namespace: 'NAMESPACE',
  name: 'MIGRATION',
};

const said = ({ says }: Row): string => (says ? ` <br> \`${says(placeholders)}\`` : '');

const lineOf = (row: Row): string => `| ${row.when} | ${answers[row.answer]}${said(row)} | ${row.then} |`;

export const evictionPage = (): string =>
  `# What an eviction is answered

\`kubectl drain\`, autoscalers, the descheduler and everybody else who evicts a pod ask the API server, and the API server asks Transship. The first row that holds is the answer. It comes from memory, and nothing is waited for ([why](adr/0014-an-eviction-is-answered-before-its-migration-is-made.md)). This page is generated from \`src/admission/eviction/table.ts\`, which the answers themselves are made from; \`policy/v1\` and \`policy/v1beta1\` are answered alike.

| when | answer | the pod |
| --- | --- | --- |
${Object.values(evictionTable).map(lineOf).join('\n')}

A warning stands in the terminal of whoever evicts, and for a pod that opted in also in an event \`EvictionAllowed\` on it. A pod whose eviction becomes a move gets the event \`EvacuationTriggered\`. \`onFailure\`, \`blockSeconds\` and \`triggers\` are fields of the [MigrationPolicy](../manifests/base/defaults/policy.yaml) that holds for the pod. [reasons.md](reasons.md) has every reason.

## PodDisruptionBudgets

The API server looks at them only when Transship has let an eviction pass. So moving does not count as a disruption: the eviction of a pod that is moved takes nothing from its budget, and its source is removed only when its target is ready. An eviction that is allowed after all counts as on any cluster, and the API server may refuse it with a 429 of its own.
`;
