import { until } from '../../lab/wait.ts';
import { getJson } from './kubectl.ts';

export interface EventView {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  /** How often it was told: what is said again in the same words is only counted. */
  readonly count?: number;
}

export const eventsOn = async (namespace: string, kind: string, name: string): Promise<readonly EventView[]> =>
  (
    await getJson<{ items: EventView[] }>(
      'events',
      '-n',
      namespace,
      '--field-selector',
      `involvedObject.kind=${kind},involvedObject.name=${name}`,
    )
  ).items;

/** The first event of that reason; events are written beside the work, not before it. */
export const eventOn = (namespace: string, kind: string, name: string, reason: string): Promise<EventView> =>
  until({ what: `event ${reason} on ${kind} ${namespace}/${name}`, timeoutMs: 15_000 }, async () =>
    (await eventsOn(namespace, kind, name)).find((event) => event.reason === reason),
  );

/** How many pods an owner has started, by its own events. */
export const createdPods = async (namespace: string, kind: string, name: string): Promise<number> =>
  (await eventsOn(namespace, kind, name))
    .filter(({ reason }) => reason === 'SuccessfulCreate')
    .reduce((sum, { count = 1 }) => sum + count, 0);
