import { controlPlane, network, nodeNamed } from '../../../lab/cluster.ts';
import { cutOff, reconnect } from '../cluster/packet-filter.ts';
import { type Fault, type Side, sides } from './fault.ts';

const agentPort = 7443;
/** As manifests/overlays/lab has it. */
const webhookAddress = '10.96.200.10';

/** Longer than the agents wait for one another within a freeze, shorter than the deadline of any phase. */
const outageMs = 5_000;

const fromApiServer = (side: Side): Fault => ({
  name: `${side}-agent-cut-off`,
  what: `the agent of the ${side} no longer reaches the API server`,
  touches: 'pair',
  lastsMs: outageMs,
  async inject(scene) {
    const node = scene[side];
    // The kubelet goes to the API server's own address, and stays connected.
    await cutOff(node, { sent: [`ip daddr ${network.kubernetesService} tcp dport 443`] });
    return { undo: () => reconnect(node) };
  },
});

export const networkFaults: readonly Fault[] = [
  ...sides.map(fromApiServer),
  {
    name: 'agents-cut-off',
    what: 'the agents no longer reach each other',
    touches: 'pair',
    lastsMs: outageMs,
    async inject({ source, target }) {
      const { address } = nodeNamed(target);
      // On one node is enough for both directions.
      const either = (of: 'daddr' | 'saddr') =>
        ['dport', 'sport'].map((port) => `ip ${of} ${address} tcp ${port} ${String(agentPort)}`);
      await cutOff(source, { sent: either('daddr'), received: either('saddr') });
      return { undo: () => reconnect(source) };
    },
  },
  {
    name: 'webhook-down',
    what: 'the API server no longer reaches the webhook',
    touches: 'cluster',
    async inject() {
      await cutOff(controlPlane.name, { sent: [`ip daddr ${webhookAddress} tcp dport 443`] });
      return { undo: () => reconnect(controlPlane.name) };
    },
  },
];
