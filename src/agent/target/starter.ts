import { ReasonedError } from '../../api/reasons.ts';
import type { TargetPorts } from './ports.ts';

type KubeletPort = Pick<TargetPorts, 'kubelet'>;

/** The kubelet that has asked for a start waits for it, and the runtime takes back what nobody waits for any more. */
export const isRestarted = ({ kubelet }: KubeletPort, starter: string | undefined): boolean =>
  starter !== undefined && kubelet() !== starter;

export const restartedSince = 'the kubelet that has started the container was itself restarted since';

interface Started {
  readonly ports: KubeletPort;
  readonly starter: string | undefined;
}

/** Throws TargetNotStarted when nobody waits for the start of the container any more. */
export const checkStarter = ({ ports, starter }: Started): void => {
  if (isRestarted(ports, starter)) throw new ReasonedError('TargetNotStarted', restartedSince);
};
