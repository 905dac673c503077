import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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

let files = 0;

/** A file with these objects; it is overwritten some calls later. kubectl reads YAML 1.1, in which a bare yes is a boolean. */
const fileOf = async (objects: readonly object[]): Promise<string> => {
  files += 1;
  const path = join(tmpdir(), `transship-test-${String(process.pid)}-${String(files % 8)}.yaml`);
  await writeFile(path, objects.map((o) => stringify(o, { version: '1.1' })).join('---\n'));
  return path;
};

/** Applies objects of a test. */
export const apply = async (...objects: readonly object[]): Promise<void> => {
  await kubectl('apply', '-f', await fileOf(objects));
};

/** Applies them and returns what kubectl warned of. */
export const applyAndReadWarnings = async (...objects: readonly object[]): Promise<string> => {
  const { code, stderr } = await tryKubectl('apply', '-f', await fileOf(objects));
  if (code !== 0) throw new Error(`kubectl apply ended with ${String(code)}: ${stderr.trim()}`);
  return stderr;
};
