import { z } from 'zod';
import type { SinkConfig } from '../events/sink.ts';
import { type LogLevel, logLevels } from '../log/log.ts';
import { parseEnvironment } from './config-error.ts';

const port = z.coerce.number().int().min(0).max(65_535);

const sinkName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const howToName = 'write each as NAME=URL, with spaces between them; a name is of a-z, 0-9 and -';

/** `audit=https://audit.example/events broker=http://broker-ingress.knative-eventing/default` */
const sinks = z.string().transform((text, context): readonly SinkConfig[] => {
  const written = text.split(/\s+/).filter(Boolean);
  const found = written.map((one) => {
    const [name = '', ...rest] = one.split('=');
    return { name, url: rest.join('=') };
  });
  for (const { name, url } of found) {
    if (!sinkName.test(name)) context.addIssue({ code: 'custom', message: `"${name}" is no name: ${howToName}` });
    else if (!isSinkURL(url))
      context.addIssue({
        code: 'custom',
        message: `${name} has no address that can be used: it is http or https, without user and password`,
      });
    else if (found.filter((other) => other.name === name).length > 1)
      context.addIssue({ code: 'custom', message: `${name} is named twice` });
  }
  return found;
});

const isSinkURL = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
};

const schema = z.object({
  POD_NAME: z.string({ error: 'set it to the name of the pod (downward API: metadata.name)' }).min(1),
  TRANSSHIP_HTTPS_PORT: port.default(8443),
  TRANSSHIP_HEALTH_PORT: port.default(8081),
  TRANSSHIP_LOG_LEVEL: z.enum(logLevels).default('info'),
  TRANSSHIP_LEASE_SECONDS: z.coerce.number().int().min(3).max(300).default(15),
  TRANSSHIP_EVICTION_REQUESTS: z.enum(['true', 'false']).default('false'),
  TRANSSHIP_EVENT_SINKS: sinks.default([]),
  TRANSSHIP_FAULT_URL: z.url({ protocol: /^http$/, error: 'set it to an http address, or not at all' }).optional(),
});

export interface ControllerConfig {
  readonly podName: string;
  readonly httpsPort: number;
  readonly healthPort: number;
  readonly logLevel: LogLevel;
  /** How long a leader that is silent keeps the other replicas out. */
  readonly leaseSeconds: number;
  /** Respond to eviction requests (alpha in Kubernetes 1.37), where the API server serves them. */
  readonly evictionRequests: boolean;
  /** Where every step of every move is sent as a CloudEvent. */
  readonly sinks: readonly SinkConfig[];
  /** Where tests of faults listen; absent on every cluster but theirs. */
  readonly faultURL: string | undefined;
}

/** Throws a ConfigError that names every mistake. */
export const parseControllerConfig = (env: NodeJS.ProcessEnv): ControllerConfig => {
  const e = parseEnvironment(schema, env);
  return {
    podName: e.POD_NAME,
    httpsPort: e.TRANSSHIP_HTTPS_PORT,
    healthPort: e.TRANSSHIP_HEALTH_PORT,
    logLevel: e.TRANSSHIP_LOG_LEVEL,
    leaseSeconds: e.TRANSSHIP_LEASE_SECONDS,
    evictionRequests: e.TRANSSHIP_EVICTION_REQUESTS === 'true',
    sinks: e.TRANSSHIP_EVENT_SINKS,
    faultURL: e.TRANSSHIP_FAULT_URL,
  };
};
