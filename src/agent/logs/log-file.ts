import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { onHost } from '../host/paths.ts';
import type { LogFormat } from './log-line.ts';

export interface LogFile {
  /** On the host. */
  readonly path: string;
  readonly format: LogFormat;
}

/** Of a pod: namespace, name and UID, as the kubelet puts them together (BuildPodLogsDirectory). */
export interface LoggedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

const formatOf = (path: string): LogFormat => (path.endsWith('-json.log') ? 'json-file' : 'cri');

/**
 * The log that the kubelet shows of a container: that of its last start. Under
 * Docker it is a link to the file of the engine. Undefined when there is none.
 *
 * @param locate where a path of the host is for this process.
 */
export const shownLog = async (
  { namespace, name, uid }: LoggedPod,
  container: string,
  locate = onHost,
): Promise<LogFile | undefined> => {
  const folder = locate(join('/var/log/pods', `${namespace}_${name}_${uid}`, container));
  const names = await readdir(folder).catch(() => []); // its driver writes elsewhere
  const starts = names.flatMap((file) => /^(\d+)\.log$/.exec(file)?.[1] ?? []).map(Number);
  if (starts.length === 0) return undefined;
  const own = join(folder, `${Math.max(...starts)}.log`);
  const target = await readlink(own).catch(() => undefined); // it is no link
  const path = target === undefined ? own : locate(target);
  return { path, format: formatOf(path) };
};

const configJson = z.looseObject({
  mounts: z.array(z.looseObject({ destination: z.string(), source: z.string().optional() })),
});

/** `…/containers/SANDBOX/resolv.conf`: where Docker keeps what belongs to its containers. */
const engineFolder = /^(.*\/containers)\/[0-9a-f]{64}\/[^/]+$/;

/**
 * The log of a container that is being started. cri-dockerd makes the link to it
 * only afterwards (core/container_start.go), so it is known by the folder in which Docker
 * keeps the files of the sandbox.
 */
export const comingLog = async (
  pod: LoggedPod,
  { name, id, bundle }: { readonly name: string; readonly id: string; readonly bundle: string },
  locate = onHost,
): Promise<LogFile | undefined> => {
  const { mounts } = configJson.parse(JSON.parse(await readFile(locate(join(bundle, 'config.json')), 'utf8')));
  const folders = mounts.flatMap(({ source = '' }) => engineFolder.exec(source)?.[1] ?? []);
  const [folder] = folders;
  if (folder === undefined) return shownLog(pod, name, locate);
  return { path: locate(join(folder, id, `${id}-json.log`)), format: 'json-file' };
};
