import type { Container } from '../../api/pod.ts';

interface Handler {
  readonly exec?: unknown;
  readonly httpGet?: unknown;
  readonly tcpSocket?: unknown;
}

/** Is the container told of its start or of its end? Sleeping is the kubelet's own doing, and harms nobody. */
export const hasHook = ({ lifecycle }: Container, hook: 'postStart' | 'preStop'): boolean => {
  const handlers = lifecycle as Partial<Record<typeof hook, Handler>> | undefined;
  const { exec, httpGet, tcpSocket } = handlers?.[hook] ?? {};
  return [exec, httpGet, tcpSocket].some((handler) => handler != null);
};
