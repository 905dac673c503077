import { existsSync } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeNamed, nodes, stateFolder } from '../../lab/cluster.ts';
import { nodePid, outcomeInNode, runInNode } from '../../lab/node-exec.ts';
import { changedFiles } from './changed-files.ts';
import { getJson, kubectl } from './kubectl.ts';

/*
 * How the lab is without Transship: everything that an installation could change
 * and that does not change by itself. It is written down before the first
 * installation, and kept for as long as the lab lives.
 */

export interface NodePicture {
  readonly files: Readonly<Record<string, string>>;
  /** Of Transship's name, under /run. */
  readonly runFolders: readonly string[];
  readonly mounts: readonly string[];
  readonly ipRules: readonly string[];
  readonly routes: string;
  readonly nftTables: readonly string[];
  readonly dockerRuntimes: readonly string[];
  /** Programs that were started from Transship's folder. */
  readonly processes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
  /** Runtime handlers, as the kubelet reports them. */
  readonly handlers: readonly string[];
}

export interface Picture {
  readonly nodes: Readonly<Record<string, NodePicture>>;
  readonly objects: readonly string[];
}

interface NodeObject {
  readonly metadata: { readonly labels: Record<string, string> };
  readonly spec: { readonly taints?: readonly { readonly key: string; readonly effect: string }[] };
  readonly status: { readonly runtimeHandlers?: readonly { readonly name: string }[] };
}

const ours = /transship/;

const lines = async (node: string, ...command: readonly string[]): Promise<readonly string[]> =>
  (await runInNode(node, command)).split('\n').filter(Boolean);

const processesOf = async (node: string): Promise<readonly string[]> => {
  const list = 'for p in /proc/[0-9]*; do tr "\\0" " " <$p/cmdline; echo; done';
  return (await lines(node, 'sh', '-c', list)).filter((command) => command.includes('/opt/transship/'));
};

const dockerRuntimesOf = async (node: string): Promise<readonly string[]> => {
  if (nodeNamed(node).runtime !== 'docker') return [];
  return lines(node, 'docker', 'info', '--format', '{{range $name, $_ := .Runtimes}}{{println $name}}{{end}}');
};

const kernelOf = async (node: string) => ({
  mounts: (await lines(node, 'cat', '/proc/self/mounts')).filter((mount) => /^\S+ \/run\/transship\//.test(mount)),
  ipRules: [...(await lines(node, 'ip', '-4', 'rule')), ...(await lines(node, 'ip', '-6', 'rule'))],
  // A table without a route does not exist, and ip says so with a code.
  routes: (await outcomeInNode(node, ['ip', 'route', 'show', 'table', '1077'])).stdout,
  // kubelet and kube-proxy make theirs when they come to it.
  nftTables: (await lines(node, 'nft', 'list', 'tables')).filter(
    (table) => !/ (kube-proxy|mangle|filter|nat)$/.test(table),
  ),
});

const objectOf = async (node: string): Promise<Pick<NodePicture, 'labels' | 'taints' | 'handlers'>> => {
  const { metadata, spec, status } = await getJson<NodeObject>('node', node);
  return {
    labels: metadata.labels,
    // Those of this domain tell how the node is just now.
    taints: (spec.taints ?? [])
      .map(({ key, effect }) => `${key}:${effect}`)
      .filter((taint) => !taint.startsWith('node.kubernetes.io/'))
      .toSorted(),
    handlers: (status.runtimeHandlers ?? []).map(({ name }) => name).toSorted(),
  };
};

export const pictureOfNode = async (node: string): Promise<NodePicture> => ({
  files: await changedFiles(node),
  runFolders: (await readdir(`/proc/${String(nodePid(nodeNamed(node)))}/root/run`)).filter((name) => ours.test(name)),
  dockerRuntimes: await dockerRuntimesOf(node),
  processes: await processesOf(node),
  ...(await kernelOf(node)),
  ...(await objectOf(node)),
});

/** Kinds of which nobody makes objects just so. */
const kinds = [
  ...['customresourcedefinitions', 'apiservices', 'runtimeclasses', 'priorityclasses'],
  ...['validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'validatingadmissionpolicies'],
  ...['validatingadmissionpolicybindings', 'clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'],
];

/** All objects of these kinds, save those in namespaces of tests and users, and whatever else bears our name. */
export const objectsOfCluster = async (): Promise<readonly string[]> => {
  const columns = 'KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name';
  const list = (what: string) => kubectl('get', what, '-A', '--no-headers', '-o', `custom-columns=${columns}`);
  const text = `${await list(kinds.join(','))}\n${await list('namespaces')}`;
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([kind, namespace = '', name = '']) =>
      kind === 'Namespace' ? ours.test(name) : /^(<none>|kube-.*|default|transship-.*)$/.test(namespace) && name !== '',
    )
    .map((row) => row.join(' '))
    .toSorted();
};

const recordFile = join(stateFolder, 'untouched.json');

const isInstalled = async (): Promise<boolean> =>
  (await kubectl('get', 'namespace', 'transship-system', '--ignore-not-found', '-o', 'name')) !== '';

/** False when nobody can tell any more how this lab was. */
export const canTellUntouched = async (): Promise<boolean> => existsSync(recordFile) || !(await isInstalled());

/** To be called before each installation; does nothing but before the first. */
export const rememberUntouched = async (): Promise<void> => {
  if (existsSync(recordFile) || (await isInstalled())) return;
  const pictures = await Promise.all(nodes.map(async ({ name }) => [name, await pictureOfNode(name)] as const));
  const picture: Picture = { nodes: Object.fromEntries(pictures), objects: await objectsOfCluster() };
  await writeFile(`${recordFile}.new`, JSON.stringify(picture, null, 2));
  await rename(`${recordFile}.new`, recordFile);
};

export const untouched = async (): Promise<Picture> => JSON.parse(await readFile(recordFile, 'utf8')) as Picture;
