/** IPv4 arithmetic on unsigned 32-bit numbers. */
const toNumber = (ip: string): number => ip.split('.').reduce((n, part) => n * 256 + Number(part), 0);
const toText = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.');

const network = /^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/;

export interface Range {
  readonly gateway: string;
  readonly prefixLength: number;
  /** First and last address that pods get. */
  readonly first: number;
  readonly last: number;
}

/** The first address is the gateway, the last one broadcast. Throws on what is not an IPv4 network of at least four addresses. */
export const rangeOf = (cidr: string): Range => {
  const [base = '', length = ''] = cidr.split('/');
  const prefixLength = Number(length);
  if (!network.test(cidr) || prefixLength > 30 || base.split('.').some((part) => Number(part) > 255)) {
    throw new Error(`IPPool range ${cidr} is not an IPv4 network like 10.245.0.0/16`);
  }
  const size = 2 ** (32 - prefixLength);
  const start = Math.floor(toNumber(base) / size) * size;
  return { gateway: toText(start + 1), prefixLength, first: start + 2, last: start + size - 2 };
};

/**
 * Addresses of a range that are not taken, beginning somewhere by chance so that
 * two nodes that allocate at once seldom try the same one.
 * @param from in [0, 1)
 */
export function* freeAddresses(
  range: Pick<Range, 'first' | 'last'>,
  taken: ReadonlySet<string>,
  from: number,
): Generator<string> {
  const count = range.last - range.first + 1;
  const offset = Math.floor(from * count);
  for (let i = 0; i < count; i += 1) {
    const ip = toText(range.first + ((offset + i) % count));
    if (!taken.has(ip)) yield ip;
  }
}
