import { kubectl } from '../cluster/kubectl.ts';
import type { PodView } from '../cluster/redis.ts';

/** Runs a script of the shell in the container of a pod; it has to succeed. */
export const inside = async ({ metadata: { namespace, name } }: PodView, script: string): Promise<string> =>
  (await kubectl('exec', '-n', namespace, name, '--', 'sh', '-c', script)).trim();
