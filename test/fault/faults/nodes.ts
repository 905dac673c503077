import { nodeNamed } from '../../../lab/cluster.ts';
import { runtimeUp } from '../../../lab/images/load.ts';
import { nodePid } from '../../../lab/node-exec.ts';
import { bootNode, crashNode } from '../../../lab/node/crash.ts';
import { daemonsDown } from '../../../lab/node/daemons.ts';
import { until } from '../../../lab/wait.ts';
import { type Fault, type Side, sides } from './fault.ts';

const backMs = 60_000;

/** Long enough that nobody waits for an answer any more, and shorter than the cluster takes to notice. */
const outageMs = 7_000;

const dead = (name: string, side: Side, lastsMs?: number): Fault => ({
  name,
  what: `the node of the ${side} loses its current${lastsMs === undefined ? ' for good' : ''}`,
  touches: 'pair',
  ...(lastsMs !== undefined && { lastsMs }),
  async inject(scene) {
    const node = scene[side];
    await crashNode(node);
    if (nodePid(nodeNamed(node)) !== undefined) throw new Error(`node ${node} still runs`);
    return {
      async undo() {
        await bootNode(node);
        await until({ what: `the daemons of ${node}`, timeoutMs: backMs }, async () =>
          (await daemonsDown(nodeNamed(node))).length === 0 ? true : undefined,
        );
        await runtimeUp(nodeNamed(node));
      },
    };
  },
});

export const nodeFaults: readonly Fault[] = [
  ...sides.map((side) => dead(`${side}-node-dead`, side, outageMs)),
  dead('target-node-gone', 'target'),
];
