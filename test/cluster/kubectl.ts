import { join } from 'node:path';
import { kubeconfigFile } from '../../lab/cluster.ts';
import { type Outcome, outcome } from '../../lab/process.ts';
import { stringify } from 'yaml';

export const kubectlBinary = join(import.meta.dirname, '..', '..', 'lab', 'bin', 'kubectl');

const env = { ...process.env, KUBECONFIG: kubeconfigFile };

/** The real kubectl; never rejects for its exit code. */
export const tryKubectl = (...args: readonly string[]): Promise<Outcome> => outcome(kubectlBinary, args, { env });

export const kubectl = async (...args: readonly string[]): Promise<string> => {
  const result = await tryKubectl(...args);
  if (result.code !== 0)
    throw new Error(`kubectl ${args.join(' ')} ended with ${String(result.code)}: ${result.stderr.trim()}`);
  return result.stdout;
};

/** All that kubectl says, in the order in which a terminal shows it. */
export const saidByKubectl = async (...args: readonly string[]): Promise<string> => {
  const both = ['-c', 'exec "$0" "$@" 2>&1', kubectlBinary, ...args];
  const { code, stdout } = await outcome('sh', both, { env });
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${String(code)}: ${stdout.trim()}`);
  return stdout;
};

export const getJson = async <T>(...args: readonly string[]): Promise<T> =>
  JSON.parse(await kubectl('get', ...args, '-o', 'json')) as T;

/** kubectl reads YAML 1.1, in which a bare yes is a boolean. */
const manifestOf = (objects: readonly object[]): string =>
  objects.map((object) => stringify(object, { version: '1.1' })).join('---\n');

/** Applies objects of a test and returns what kubectl warned of. */
export const applyAndReadWarnings = async (...objects: readonly object[]): Promise<string> => {
  const input = manifestOf(objects);
  const { code, stderr } = await outcome(kubectlBinary, ['apply', '-f', '-'], { env, input });
  if (code !== 0) throw new Error(`kubectl apply ended with ${String(code)}: ${stderr.trim()}`);
  return stderr;
};

/** Applies objects of a test. */
export const apply = async (...objects: readonly object[]): Promise<void> => {
  await applyAndReadWarnings(...objects);
};
