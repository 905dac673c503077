import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeconfigFile } from '../../lab/cluster.ts';
import { type Outcome, outcome } from '../../lab/process.ts';
import { kubectlBinary } from './kubectl.ts';

/** The plugin of kubectl, as the README says to install it. */
export interface Plugin extends AsyncDisposable {
  /** `kubectl transship …`; never rejects for its exit code. */
  run(...args: readonly string[]): Promise<Outcome>;
  /** What a shell gets from kubectl to complete the last of these words behind `kubectl transship` with. */
  complete(...words: readonly string[]): Promise<Outcome>;
}

const program = join(import.meta.dirname, '..', '..', 'src', 'main', 'kubectl-transship.ts');

export const installPlugin = async (): Promise<Plugin> => {
  const folder = await mkdtemp(join(tmpdir(), 'transship-plugin-'));
  await symlink(program, join(folder, 'kubectl-transship'));
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}`, KUBECONFIG: kubeconfigFile };
  const run: Plugin['run'] = (...args) => outcome(kubectlBinary, ['transship', ...args], { env, timeoutMs: 60_000 });
  const { stdout: script } = await run('completion', 'kubectl');
  await writeFile(join(folder, 'kubectl_complete-transship'), script, { mode: 0o755 });
  return {
    run,
    complete: (...words) => outcome(kubectlBinary, ['__complete', 'transship', ...words], { env, timeoutMs: 60_000 }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
};
