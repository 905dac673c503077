import type { RuntimeName } from '../../api/migration.ts';

/** What a container runtime tells of one running container. Its process may be one that waits for it: runc knows which is its own. */
export interface ContainerFacts {
  readonly id: string;
  readonly podUID: string;
  readonly sandboxID: string;
}

/** The container runtime of a node. Each runtime has one adapter, the only file that imports its client. */
export interface RuntimePort {
  readonly name: RuntimeName;
  /** The runtime's own version, as it prints it. */
  version(signal: AbortSignal): Promise<string>;
  /** Rejects when there is no such container or it does not run. */
  describe(containerID: string, signal: AbortSignal): Promise<ContainerFacts>;
  /**
   * Resolves when the runtime has taken the container over as one that runs; rejects when it has given its start up. Whose
   * start was given up is killed by the runtime, or belongs to nobody, while the kubelet starts another in its place.
   */
  untilRunning(containerID: string, signal: AbortSignal): Promise<void>;
  /** Does the runtime still know this sandbox, running or not? */
  hasSandbox(sandboxID: string, signal: AbortSignal): Promise<boolean>;
  close(): void;
}
