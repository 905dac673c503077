import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, credentials, loadPackageDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { z } from 'zod';
import type { RuntimePort } from '../port.ts';

type Call = (request: object, done: (error: ServiceError | null, answer?: unknown) => void) => { cancel(): void };
type CriClient = Client & { readonly Version: Call; readonly ContainerStatus: Call; readonly PodSandboxStatus: Call };

const versionAnswer = z.looseObject({ runtime_version: z.string() });
const stateAnswer = z.looseObject({ status: z.looseObject({ state: z.string(), reason: z.string().optional() }) });
const statusAnswer = z.looseObject({
  status: z.looseObject({ state: z.string(), labels: z.record(z.string(), z.string()) }),
  info: z.record(z.string(), z.string()),
});
/** `info.info` of a verbose status: containerd's own JSON (internal/cri/server/container_status.go). */
const verboseInfo = z.looseObject({ sandboxID: z.string() });

const notFound: number = status.NOT_FOUND;
const callLimitMs = 10_000;
/** The CRI has no call that waits for a state. */
const askAgainMs = 2;

const ask = async (
  client: CriClient,
  method: 'Version' | 'ContainerStatus' | 'PodSandboxStatus',
  request: object,
  signal: AbortSignal,
): Promise<unknown> => {
  signal.throwIfAborted();
  const limited = AbortSignal.any([signal, AbortSignal.timeout(callLimitMs)]);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const call = client[method](request, (error, answer) => {
    if (error) reject(error);
    else resolve(answer);
  });
  const cancel = () => {
    reject(limited.reason as Error);
    call.cancel();
  };
  limited.addEventListener('abort', cancel, { once: true });
  try {
    return await promise;
  } finally {
    limited.removeEventListener('abort', cancel);
  }
};

/**
 * containerd through the CRI.
 * @param socket path of containerd's socket as this process sees it.
 * @param protoPath where `cri.proto` lies.
 */
export const connectContainerd = (socket: string, protoPath: string): RuntimePort => {
  const definition = loadPackageDefinition(loadSync(protoPath, { keepCase: true, enums: String, defaults: true }));
  const Service = (
    definition['runtime'] as unknown as Record<
      string,
      Record<string, new (address: string, c: unknown, o: object) => CriClient>
    >
  )['v1']?.['RuntimeService'];
  if (!Service) throw new Error(`${protoPath} does not define runtime.v1.RuntimeService`);
  // grpc-js takes the authority from the socket's path, which containerd's HTTP/2 server refuses.
  const client = new Service(`unix://${socket}`, credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
  });
  return {
    name: 'containerd',
    async version(signal) {
      return versionAnswer.parse(await ask(client, 'Version', {}, signal)).runtime_version;
    },
    async describe(containerID, signal) {
      const answer = statusAnswer.parse(
        await ask(client, 'ContainerStatus', { container_id: containerID, verbose: true }, signal),
      );
      if (answer.status.state !== 'CONTAINER_RUNNING')
        throw new Error(`Container ${containerID} is ${answer.status.state}, not running`);
      const info = verboseInfo.parse(JSON.parse(answer.info['info'] ?? '{}'));
      return {
        id: containerID,
        sandboxID: info.sandboxID,
        podUID: answer.status.labels['io.kubernetes.pod.uid'] ?? '',
      };
    },
    async untilRunning(containerID, signal) {
      for (;;) {
        const answer = await ask(client, 'ContainerStatus', { container_id: containerID }, signal);
        const { state, reason } = stateAnswer.parse(answer).status;
        if (state === 'CONTAINER_RUNNING') return;
        // It is CREATED from before its start until that has succeeded (internal/cri/server/container_start.go).
        if (state !== 'CONTAINER_CREATED')
          throw new Error(
            `containerd has given up the start of the container: it is ${state}${reason ? `, ${reason}` : ''}`,
          );
        await sleep(askAgainMs, undefined, { signal });
      }
    },
    async hasSandbox(sandboxID, signal) {
      try {
        await ask(client, 'PodSandboxStatus', { pod_sandbox_id: sandboxID }, signal);
        return true;
      } catch (error) {
        if ((error as { code?: number }).code === notFound) return false;
        throw error;
      }
    },
    close() {
      client.close();
    },
  };
};
