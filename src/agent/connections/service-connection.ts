import { z } from 'zod';

const port = z.number().int().min(0).max(65_535);
const end = z.object({ ip: z.ipv4(), port });

/** A connection of a pod to a Service, and which of its endpoints the node has chosen for it. */
export const serviceConnection = z.object({
  protocol: z.enum(['tcp', 'udp']),
  /** The pod's own port. */
  port,
  /** What the pod has connected to. */
  service: end,
  /** Who answers. */
  endpoint: end,
  /** For how long it is remembered without a packet, where nobody says that it ends. */
  seconds: z.number().int().positive().optional(),
});
export type ServiceConnection = z.infer<typeof serviceConnection>;

/** More are not taken along: they would not fit into one message of an agent. */
export const mostConnections = 16_384;

/** What the pod itself can tell a connection by. */
export const nameOf = ({ protocol, port: own, service }: ServiceConnection): string =>
  `${protocol} ${own} ${service.ip} ${service.port}`;

const isSame = (one: ServiceConnection, other: ServiceConnection | undefined): boolean =>
  other?.endpoint.ip === one.endpoint.ip && other.endpoint.port === one.endpoint.port;

/** What its answers are known by. */
const answeredBy = ({ protocol, port: own, endpoint }: ServiceConnection): string =>
  `${protocol} ${own} ${endpoint.ip} ${endpoint.port}`;

const lastOfEach = (
  connections: readonly ServiceConnection[],
  by: (one: ServiceConnection) => string,
): readonly ServiceConnection[] => [...new Map(connections.map((connection) => [by(connection), connection])).values()];

/** All of them; of two that could not be told apart, by the pod or by an endpoint, the later one counts. */
export const gathered = (...lists: readonly (readonly ServiceConnection[])[]): readonly ServiceConnection[] =>
  lastOfEach(lastOfEach(lists.flat(), nameOf), answeredBy);

/**
 * Those among these that are to be added to those; undefined when one is not what it was, or could not be told apart from
 * another.
 */
export const additionsAmong = (
  these: readonly ServiceConnection[],
  those: readonly ServiceConnection[],
): readonly ServiceConnection[] | undefined => {
  const known = new Map(those.map((connection) => [nameOf(connection), connection]));
  const more = these.filter((connection) => !known.has(nameOf(connection)));
  const answers = new Set(those.map(answeredBy));
  const isOther = (one: ServiceConnection): boolean => known.has(nameOf(one)) && !isSame(one, known.get(nameOf(one)));
  return these.some(isOther) || more.some((one) => answers.has(answeredBy(one))) ? undefined : more;
};

/** Is there one among these that those do not have? One that has ended meanwhile harms nobody. */
export const hasMore = (these: readonly ServiceConnection[], those: readonly ServiceConnection[]): boolean => {
  const known = new Map(those.map((connection) => [nameOf(connection), connection]));
  return these.some((connection) => !isSame(connection, known.get(nameOf(connection))));
};
