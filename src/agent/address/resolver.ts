import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Resolver } from '../../api/migration.ts';
import { resolverIn } from '../../migration/target-pod/resolver.ts';
import { onHost } from '../host/paths.ts';

const configJson = z.looseObject({
  mounts: z.array(z.looseObject({ destination: z.string(), source: z.string().optional() })),
});

/** What a kubelet writes is far smaller. */
const mostBytes = 64 * 1024;

/** A file that a user mounts there comes from a volume of the pod, and goes along as that. */
const isOfRuntime = (source: string): boolean => source.startsWith('/') && !source.includes('/kubelet/pods/');

/** Where the runtime keeps the resolv.conf that it mounts into the container of this config.json. */
export const resolverPathIn = (text: string): string | undefined => {
  const { mounts } = configJson.parse(JSON.parse(text));
  const source = mounts.findLast(({ destination }) => destination === '/etc/resolv.conf')?.source;
  return source !== undefined && isOfRuntime(source) ? source : undefined;
};

const textOf = async (path: string): Promise<string> => {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
};

/**
 * What a container's resolv.conf says. Never read through the container: its
 * paths are its own, and may lead to files of the node.
 *
 * @param locate where a path of the host is for this process.
 */
export const readResolver = async (bundle: string, locate = onHost): Promise<Resolver | undefined> => {
  const path = resolverPathIn(await readFile(locate(join(bundle, 'config.json')), 'utf8'));
  return path === undefined ? undefined : resolverIn(await textOf(locate(path)));
};
