import { getJson, kubectl } from './kubectl.ts';

const namespace = 'transship-system';

/** What the agent of a node has logged lately. */
export const agentLog = async (node: string, since: string): Promise<string> => {
  const { items } = await getJson<{ items: readonly { metadata: { name: string } }[] }>(
    'pods',
    '-n',
    namespace,
    '-l',
    'app.kubernetes.io/component=agent',
    '--field-selector',
    `spec.nodeName=${node}`,
  );
  const logs = items.map(({ metadata }) =>
    kubectl('logs', '-n', namespace, metadata.name, '-c', 'agent', `--since=${since}`),
  );
  return (await Promise.all(logs)).join('');
};
