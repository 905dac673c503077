import { allReasons, type ReasonKind, reasons } from '../src/api/reasons.ts';

const headings: Readonly<Record<ReasonKind, string>> = {
  unmovable: 'The pod cannot be moved; nothing was touched',
  request: 'The request is wrong',
  node: 'A node cannot take the pod; another may',
  fault: 'An attempt was taken back; unless the reason says otherwise, the source runs on',
  pool: 'Addresses: how an IPPool stands, and why a pod gets none',
  progress: 'All is well',
};

const table = (kind: ReasonKind): string => {
  const rows = allReasons.filter((r) => reasons[r].kind === kind).map((r) => `| \`${r}\` | ${reasons[r].means} |`);
  return [`## ${headings[kind]}`, '', '| reason | what it means |', '| --- | --- |', ...rows, ''].join('\n');
};

export const reasonsPage = (): string =>
  [
    '# Reasons',
    '',
    'The same words stand in the conditions and events of a Migration and its pod, in the answers of the webhooks, in the logs and in the CLI. This page is generated from `src/api/reason-registry.ts`.',
    '',
    ...(Object.keys(headings) as ReasonKind[]).map(table),
  ].join('\n');
