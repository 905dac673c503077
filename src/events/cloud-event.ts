import { CloudEvent, HTTP } from 'cloudevents';
import type { Migration } from '../api/migration.ts';
import { version } from '../api/group.ts';
import { type MoveStep, verdictAt } from './steps.ts';

/*
 * The one file that imports the CloudEvents SDK (CNCF CloudEvents 1.0, HTTP
 * protocol binding, structured content mode).
 */

/** `data` of every event; docs/hooks-and-events.md tells it to its users. */
export interface MoveData {
  readonly migration: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly phase: string;
  readonly attempt: number;
  readonly trigger: string;
  readonly source: {
    readonly podName: string;
    readonly podUID?: string | undefined;
    readonly nodeName?: string | undefined;
  };
  readonly target?: {
    readonly podName: string;
    readonly podUID?: string | undefined;
    readonly nodeName?: string | undefined;
  };
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly freezeMs?: number | undefined;
}

/** Of a step in the past it is not known what the record said then; of the last one everything is. */
const dataOf = (migration: Migration, step: MoveStep): MoveData => {
  const { metadata, spec, status } = migration;
  const { source, target, timings } = status ?? {};
  return {
    migration: { namespace: metadata.namespace ?? 'default', name: metadata.name, uid: metadata.uid },
    phase: step.phase,
    attempt: step.attempt,
    trigger: spec.trigger,
    source: { podName: spec.podName, podUID: source?.podUID ?? spec.podUID, nodeName: source?.nodeName },
    ...(target &&
      step.isLast && { target: { podName: target.podName, podUID: target.podUID, nodeName: target.nodeName } }),
    ...verdictAt(migration, step),
    ...(step.isLast && { freezeMs: timings?.freezeMs }),
  };
};

const typeOf = ({ phase }: MoveStep): string => `dev.transship.migration.${phase.toLowerCase()}`;

export interface HTTPMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The same step always has the same `id`, so that whoever gets it twice knows. */
export const messageOf = (migration: Migration, step: MoveStep): HTTPMessage => {
  const { namespace = 'default', name, uid } = migration.metadata;
  const event = new CloudEvent<MoveData>({
    id: `${uid}/${step.number}`,
    source: `/apis/transship.dev/${version}/namespaces/${namespace}/migrations/${name}`,
    type: typeOf(step),
    subject: `${namespace}/${migration.spec.podName}`,
    time: new Date(step.time).toISOString(),
    datacontenttype: 'application/json',
    data: dataOf(migration, step),
  });
  const { headers, body } = HTTP.structured(event);
  return { headers: namedHeaders(headers), body: String(body) };
};

const namedHeaders = (headers: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
