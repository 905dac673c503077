import { until } from '../../../lab/wait.ts';
import { migrationNodes } from '../../../src/api/resource.ts';
import type { Found } from '../cluster/descendants.ts';
import { end, isAgent, processesOn } from '../cluster/processes.ts';
import { type Fault, type Injected, type Scene, type Side, sides } from './fault.ts';

/** An upgrade gives an agent this long; the DaemonSet says so. */
const gracePeriodMs = 30_000;
const backMs = 60_000;

const agentOf = (node: string): readonly Found[] => {
  const found = processesOn(node, isAgent);
  if (found.length !== 1) throw new Error(`node ${node} has ${String(found.length)} agents`);
  return found;
};

/** The kubelet starts the container again, and the agent reports that it is there. */
const isBack = async ({ api }: Scene, node: string): Promise<void> => {
  const since = await until({ what: `an agent on ${node}`, timeoutMs: backMs, everyMs: 100 }, () =>
    Promise.resolve(processesOn(node, isAgent).length === 1 ? Date.now() : undefined),
  );
  await until({ what: `the agent of ${node} to report`, timeoutMs: backMs, everyMs: 100 }, async () => {
    const { status } = await api.get(migrationNodes, { name: node });
    // The heartbeat is written in whole seconds.
    return Date.parse(status?.heartbeatTime ?? '') > since - 1_000 ? true : undefined;
  });
};

const killed = (side: Side): Fault => ({
  name: `${side}-agent-killed`,
  what: `the agent of the ${side} is killed`,
  touches: 'pair',
  async inject(scene) {
    await end(agentOf(scene[side]), 'SIGKILL');
    return { undo: () => isBack(scene, scene[side]) };
  },
});

/** It may be what waits at the step, so its end is not waited for before that goes on. */
const asked = (side: Side): Fault => ({
  name: `${side}-agent-terminated`,
  what: `the agent of the ${side} is asked to end`,
  touches: 'pair',
  inject(scene): Promise<Injected> {
    const ending = end(agentOf(scene[side]), 'SIGTERM', gracePeriodMs);
    ending.catch(() => undefined); // told by the undo
    return Promise.resolve({
      async undo() {
        await ending;
        await isBack(scene, scene[side]);
      },
    });
  },
});

export const agentFaults: readonly Fault[] = sides.flatMap((side) => [killed(side), asked(side)]);
