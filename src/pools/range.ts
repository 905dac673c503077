import { spanOf, type Span, textOf } from './ipv4.ts';

/** What an IPPool says of its addresses. */
export interface Range extends Span {
  /** The next hop that its pods have; nobody else's address. */
  readonly gateway: string;
  readonly prefixLength: number;
}

const leastAddresses = 4;

/** The API server lets nobody write anything else; a range from before it had that rule may be there. */
export const isRange = (cidr: string): boolean => {
  const span = cidr.includes('/') ? spanOf(cidr) : undefined;
  return span !== undefined && span.last - span.first + 1 >= leastAddresses;
};

/**
 * From the first to the last address that pods get: before them are the network
 * and the gateway, after them is broadcast. Throws on what is no IPv4 network of
 * at least four addresses.
 */
export const rangeOf = (cidr: string): Range => {
  const span = spanOf(cidr);
  if (!span || !isRange(cidr)) throw new Error(`IPPool range ${cidr} is not an IPv4 network like 10.245.0.0/16`);
  const prefixLength = Number(cidr.split('/')[1]);
  return { gateway: textOf(span.first + 1), prefixLength, first: span.first + 2, last: span.last - 1 };
};
