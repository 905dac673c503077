import { apply, kubectl } from './kubectl.ts';

/** A namespace of a test, without anything that an earlier run has left in it. */
export const freshNamespace = async (name: string): Promise<void> => {
  await kubectl('delete', 'namespace', name, '--ignore-not-found', '--timeout=60s');
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
};

/** Takes it away with everything in it; the next test need not wait for that. */
export const removeNamespace = (name: string): Promise<string> =>
  kubectl('delete', 'namespace', name, '--ignore-not-found', '--wait=false');

/** Likewise, and waits until nothing of it is there: its pods would move with those of the next test that empties a node. */
export const clearNamespace = (name: string, timeoutSeconds = 60): Promise<string> =>
  kubectl('delete', 'namespace', name, '--ignore-not-found', `--timeout=${String(timeoutSeconds)}s`);
