import type { ServiceConnection } from './service-connection.ts';

/** One over TCP, from the pod's port 40000 to a Service whose endpoint is 10.244.2.7:8080. */
export const connectionWith = (changes: Partial<ServiceConnection> = {}): ServiceConnection => ({
  protocol: 'tcp',
  port: 40_000,
  service: { ip: '10.96.0.10', port: 80 },
  endpoint: { ip: '10.244.2.7', port: 8080 },
  ...changes,
});
