import Docker from 'dockerode';
import type { RuntimePort } from '../port.ts';

/**
 * Docker Engine through its API. cri-dockerd keeps what the kubelet needs to
 * know as labels of the container (cri-dockerd core/helpers.go).
 * @param socketPath the engine's socket as this process sees it.
 */
export const connectDocker = (socketPath: string): RuntimePort => {
  const docker = new Docker({ socketPath });
  return {
    name: 'docker',
    async version(signal) {
      signal.throwIfAborted();
      const { Version } = await docker.version();
      return Version;
    },
    async describe(containerID, signal) {
      const facts = await docker.getContainer(containerID).inspect({ abortSignal: signal });
      if (!facts.State.Running) throw new Error(`Container ${containerID} is ${facts.State.Status}, not running`);
      const labels = facts.Config.Labels;
      return {
        id: facts.Id,
        podUID: labels['io.kubernetes.pod.uid'] ?? '',
        sandboxID: labels['io.kubernetes.sandbox.id'] ?? '',
      };
    },
    async untilRunning(containerID, signal) {
      // dockerd holds the lock of the container until its start has come to an end (moby daemon/start.go), so this waits.
      const { State } = await docker.getContainer(containerID).inspect({ abortSignal: signal });
      if (!State.Running)
        throw new Error(
          `dockerd has given up the start of the container: it is ${State.Status}${State.Error ? `, ${State.Error}` : ''}`,
        );
    },
    async hasSandbox(sandboxID, signal) {
      try {
        await docker.getContainer(sandboxID).inspect({ abortSignal: signal });
        return true;
      } catch (error) {
        if ((error as { statusCode?: number }).statusCode === 404) return false;
        throw error;
      }
    },
    close() {
      // each call opens and closes its own connection
    },
  };
};
