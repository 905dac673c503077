import type { Migration, RuntimeName } from '../../api/migration.ts';
import type { Clock } from '../../clock/clock.ts';
import type { FailPoints } from '../../failpoint/fail-points.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { Lookup } from '../../kube/lookup.ts';
import type { Log } from '../../log/log.ts';
import type { Tracer } from '../../trace/tracer.ts';
import type { RouteKeeper } from '../network/route-keeper.ts';
import type { Record } from '../record.ts';
import type { RuntimePort } from '../runtime/port.ts';

export interface TargetPorts {
  readonly api: KubeApi;
  readonly engine: RuntimeName;
  readonly runtime: Pick<RuntimePort, 'untilRunning'>;
  /** Path of runc on the host. */
  readonly runc: string;
  readonly here: string;
  /** Which kubelet runs now; undefined where none is to be seen. */
  readonly kubelet: () => string | undefined;
  readonly migrations: Lookup<Migration>;
  readonly routes: RouteKeeper;
  readonly record: Record;
  readonly tracer: Tracer;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly points: FailPoints;
}
