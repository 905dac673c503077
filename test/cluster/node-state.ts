import { runInNode } from '../../lab/node-exec.ts';

/** What lies in Transship's folders on a node, as `folder/entry`. */
export type NodeState = ReadonlySet<string>;

/** Of moves under way and, for as long as they live, of containers that have been restored. */
const folders = ['replies', 'images', 'journal', 'departed', 'kept', 'restored', 'criu'];

export const stateOf = async (node: string): Promise<NodeState> => {
  const list = 'cd /run/transship && find "$@" -mindepth 1 -maxdepth 1';
  const found = await runInNode(node, ['sh', '-c', list, 'find', ...folders]);
  return new Set(found.split('\n').filter(Boolean));
};

/** What has come since. */
export const newOn = async (node: string, before: NodeState): Promise<readonly string[]> =>
  [...(await stateOf(node))].filter((entry) => !before.has(entry)).sort();
