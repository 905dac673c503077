import type { Duplex } from 'node:stream';
import type { Clock } from '../../clock/clock.ts';
import type { FailPoints } from '../../failpoint/fail-points.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { Log } from '../../log/log.ts';
import type { Tracer } from '../../trace/tracer.ts';
import type { RouteKeeper } from '../network/route-keeper.ts';
import type { Record } from '../record.ts';
import type { RuntimePort } from '../runtime/port.ts';

export interface SourcePorts {
  readonly api: KubeApi;
  readonly runtime: RuntimePort;
  /** Path of runc on the host. */
  readonly runc: string;
  readonly here: string;
  readonly routes: RouteKeeper;
  readonly record: Record;
  readonly tracer: Tracer;
  readonly clock: Clock;
  readonly log: Log;
  readonly points: FailPoints;
  /** An authenticated connection to the agent of a node. */
  readonly dial: (nodeName: string, signal: AbortSignal) => Promise<Duplex>;
}
