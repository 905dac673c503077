import { nodeNamed } from '../../../lab/cluster.ts';
import { runtimeUp } from '../../../lab/images/load.ts';
import { nodePid } from '../../../lab/node-exec.ts';
import { bootNode, crashNode } from '../../../lab/node/crash.ts';
import { daemonsDown } from '../../../lab/node/daemons.ts';
import { until } from '../../../lab/wait.ts';
import { type Fault, type Side, sides } from './fault.ts';

const backMs = 60_000;

const dead = (side: Side): Fault => ({
  name: `${side}-node-dead`,
  what: `the node of the ${side} loses its current`,
  touches: 'pair',
  async inject(scene) {
    const name = scene[side];
    await crashNode(name);
    if (nodePid(nodeNamed(name)) !== undefined) throw new Error(`node ${name} still runs`);
    return {
      async undo() {
        await bootNode(name);
        await until({ what: `the daemons of ${name}`, timeoutMs: backMs }, async () =>
          (await daemonsDown(nodeNamed(name))).length === 0 ? true : undefined,
        );
        await runtimeUp(nodeNamed(name));
      },
    };
  },
});

export const nodeFaults: readonly Fault[] = sides.map(dead);
