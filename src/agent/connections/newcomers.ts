/*
 * A client that the kernel has let in, or is about to, and the program has not:
 * it is not in an image of CRIU (skip-in-flight). It would wait for an answer for
 * ever, or be sent away by the target, which does not know it.
 */

const listens = '0A';
const hasAsked = '03'; // SYN_RECV: include/net/tcp_states.h

/**
 * How many such there are by what `/proc/PID/net/tcp` says. Of a socket that listens its receive queue are the connections
 * that nobody has accepted (net/ipv4/tcp_ipv4.c, get_tcp4_sock).
 */
export const newcomersIn = (said: string): number =>
  said
    .split('\n')
    .map((line) => line.trim().split(/\s+/u))
    .reduce((sum, [, , , state, queues = '']) => {
      if (state === hasAsked) return sum + 1;
      return state === listens ? sum + Number.parseInt(queues.split(':')[1] ?? '0', 16) : sum;
    }, 0);

/** Name of the table in the pod's own network; `transship-guard` knows it, too. */
export const shutTable = 'transship.shut';

/**
 * For nftables: nobody who is not connected yet is heard by the pod. TCP asks again after a second (RFC 6298), when packets go
 * to the target, where they wait for the pod. Between its containers they may connect: all stand still in one moment.
 *
 * @param seconds after which the kernel lets them in again by itself, should everybody die who would
 */
export const shuttingOut = (seconds: number): string =>
  [
    `table inet ${shutTable} {`,
    `set shut { type inet_proto; flags timeout; elements = { tcp timeout ${String(seconds)}s }; }`,
    'chain newcomers { type filter hook input priority raw',
    'iifname != "lo" tcp flags & (syn | ack) == syn meta l4proto @shut drop',
    '}',
    '}',
    '',
  ].join('\n');
