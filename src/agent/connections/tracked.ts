import type { ServiceConnection } from './service-connection.ts';

interface Tuple {
  readonly from: { readonly ip: string; readonly port: number };
  readonly to: { readonly ip: string; readonly port: number };
}

/** A connection as the kernel tracks it on a node. */
export interface Tracked {
  readonly protocol: 'tcp' | 'udp';
  /** Of TCP. */
  readonly state?: string;
  readonly seconds: number;
  /** As who began it sends. */
  readonly asked: Tuple;
  /** As the answers come to the node. */
  readonly answered: Tuple;
  /** More than one packet has gone each way, or TCP has been established. */
  readonly isAssured: boolean;
}

/** Counted where the node counts (nf_conntrack_acct). */
const tuple = String.raw`src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)(?: packets=\d+ bytes=\d+)?`;
/** One that is forwarded past the rules (flowtable) has neither a time nor a state. */
const line = new RegExp(
  String.raw`^(tcp|udp)\s+\d+ (?:(\d+) )?(?:([A-Z][A-Z_0-9]+) )?${tuple} (?:\[\w+\] )?${tuple}`,
  'u',
);

const tupleOf = ([src = '', dst = '', sport, dport]: readonly string[]): Tuple => ({
  from: { ip: src, port: Number(sport) },
  to: { ip: dst, port: Number(dport) },
});

/** Reads what `conntrack -L` says. Other protocols have no connections. */
export const trackedIn = (said: string): readonly Tracked[] =>
  said.split('\n').flatMap((text) => {
    const found = line.exec(text);
    if (!found) return [];
    const [, protocol, seconds, state, ...rest] = found;
    return {
      protocol: protocol as 'tcp' | 'udp',
      seconds: Number(seconds ?? 0),
      ...(state !== undefined && { state }),
      asked: tupleOf(rest.slice(0, 4)),
      answered: tupleOf(rest.slice(4, 8)),
      isAssured: text.includes('[ASSURED]') || text.includes('OFFLOAD]'),
    };
  });

/** Both sides have said their last word. */
const hasEnded = ({ state }: Tracked): boolean => state === 'TIME_WAIT' || state === 'CLOSE';

/** The answers go to the pod itself. Where they go to its node, the peer knows that node's address. */
const isAnsweredAtHome = ({ asked, answered }: Tracked): boolean =>
  answered.to.ip === asked.from.ip && answered.to.port === asked.from.port;

/** Somebody else answers than who was asked, and neither of them knows of the node. */
export const throughServices = (tracked: readonly Tracked[]): readonly ServiceConnection[] =>
  tracked
    .filter((one) => !hasEnded(one) && isAnsweredAtHome(one))
    .filter(({ asked, answered }) => answered.from.ip !== asked.to.ip || answered.from.port !== asked.to.port)
    .map(({ protocol, seconds, asked, answered }) => ({
      ...{ protocol, port: asked.from.port, service: asked.to, endpoint: answered.from },
      // TCP says when it begins and ends; of UDP only time tells.
      ...(protocol === 'udp' && { seconds: Math.max(seconds, shortestSeconds) }),
    }));

/** In which both sides, or one, may have more to say. */
const lasting: ReadonlySet<string> = new Set(['ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT']);

/**
 * Peers of connections that do not go along: what they know is the address of the node, and they would answer another
 * node with a reset. One that begins begins again from there, and of UDP only what goes both ways lasts.
 */
export const lostAmong = (tracked: readonly Tracked[]): readonly string[] => [
  ...new Set(
    tracked
      .filter((one) => !isAnsweredAtHome(one))
      .filter(({ state, isAssured }) => (state === undefined ? isAssured : lasting.has(state)))
      .map(({ protocol, asked }) => `${asked.to.ip}:${asked.to.port}/${protocol}`),
  ),
];

/** As the kernel keeps a request that waits for its answer (nf_conntrack_udp_timeout). */
const shortestSeconds = 30;
