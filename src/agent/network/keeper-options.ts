import type { IPLease } from '../../api/addresses.ts';
import type { Node } from '../../api/pod.ts';
import type { Lookup } from '../../kube/lookup.ts';
import type { Log } from '../../log/log.ts';

/** Where addresses live and where nodes are: what the kernel of this node is kept in step with. */
export interface KeeperOptions {
  readonly here: string;
  readonly leases: Lookup<IPLease>;
  readonly nodes: Lookup<Node>;
  readonly log: Log;
}
