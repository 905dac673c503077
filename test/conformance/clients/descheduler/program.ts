import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { descheduler } from '../../../../lab/build/descheduler.ts';
import { artefactFolder } from '../../../../lab/cache/artefact.ts';
import { kubeconfigFile } from '../../../../lab/cluster.ts';
import { until } from '../../../../lab/wait.ts';
import type { Scene } from '../../scene.ts';

export interface Running {
  /** All that it has logged. */
  readonly log: () => string;
  readonly untilItLogs: (text: string) => Promise<string>;
  /** As a Deployment does that is scaled down. */
  readonly stop: () => Promise<void>;
}

/** Evicts pods of one namespace from nodes with one taint. */
const policyOf = (namespace: string, taint: string) => ({
  apiVersion: 'descheduler/v1alpha2',
  kind: 'DeschedulerPolicy',
  profiles: [
    {
      name: 'conformance',
      pluginConfig: [
        { name: 'DefaultEvictor', args: {} },
        {
          name: 'RemovePodsViolatingNodeTaints',
          args: { namespaces: { include: [namespace] }, includedTaints: [taint] },
        },
      ],
      plugins: { deschedule: { enabled: ['RemovePodsViolatingNodeTaints'] } },
    },
  ],
});

export interface DeschedulerOptions {
  readonly taint: string;
  readonly featureGates: string;
}

/** No case takes so long. */
const limitMs = 180_000;

/** Runs the program against the lab, once a second, until it is stopped or the case ends. */
export const startDescheduler = async (
  { namespace, undo, transcript }: Scene,
  { taint, featureGates }: DeschedulerOptions,
): Promise<Running> => {
  const program = join(await artefactFolder(descheduler), 'descheduler');
  const folder = await mkdtemp(join(tmpdir(), 'transship-descheduler-'));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const policy = join(folder, 'policy.yaml');
  await writeFile(policy, stringify(policyOf(namespace, taint)));
  const child = spawn(
    program,
    [
      ...['--client-connection-kubeconfig', kubeconfigFile, '--policy-config-file', policy],
      ...['--descheduling-interval', '1s', '--secure-port', '0', '--feature-gates', featureGates, '--v', '3'],
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], timeout: limitMs, killSignal: 'SIGKILL' },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  undo.defer(async () => {
    await stop();
    transcript.push(said);
  });
  return {
    log: () => said,
    untilItLogs: (text) =>
      until({ what: `the descheduler to log "${text}"`, timeoutMs: 30_000, everyMs: 100 }, () =>
        Promise.resolve(said.includes(text) ? said : undefined),
      ),
    stop,
  };
};
