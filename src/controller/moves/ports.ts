import type { Clock } from '../../clock/clock.ts';
import type { FailPoints } from '../../failpoint/fail-points.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { Lookup } from '../../kube/lookup.ts';
import type { Log } from '../../log/log.ts';
import type { Tracer } from '../../trace/tracer.ts';
import type { MigrationNode } from '../../api/migration-node.ts';
import type { Migration } from '../../api/migration.ts';
import type { Node, Pod } from '../../api/pod.ts';
import type { HookRunner } from '../hooks/runner.ts';
import type { MigrationsAbout } from '../migrations-about.ts';
import type { PolicyOf } from '../policies/choice.ts';
import type { SurroundingsOf } from '../surroundings.ts';
import type { OwnWrites } from './own-writes.ts';
import type { PhaseWatch } from './phase-watch.ts';
import type { PresentLine } from './present-line.ts';

/** What the reconciler of moves works with. */
export interface MovePorts {
  readonly api: KubeApi;
  readonly migrations: Lookup<Migration>;
  readonly migrationsAbout: MigrationsAbout;
  readonly migrationNodes: Lookup<MigrationNode>;
  readonly nodes: Lookup<Node>;
  readonly pods: Lookup<Pod>;
  readonly policyOf: PolicyOf;
  readonly surroundingsOf: SurroundingsOf;
  readonly events: EventRecorder;
  readonly hooks: HookRunner;
  readonly ownWrites: OwnWrites;
  readonly line: PresentLine;
  readonly phaseWatch: PhaseWatch;
  readonly tracer: Tracer;
  readonly clock: Clock;
  readonly log: Log;
  readonly points: FailPoints;
}
