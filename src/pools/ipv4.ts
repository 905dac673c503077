/** IPv4 addresses as unsigned 32-bit numbers, and runs of them. */

/** From the first to the last address, both in it. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export const numberOf = (ip: string): number => ip.split('.').reduce((n, part) => n * 256 + Number(part), 0);
export const textOf = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.');

const network = /^(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2})?$/;

/** All addresses of an IPv4 network, or the one address; undefined for anything else, as for IPv6. */
export const spanOf = (cidr: string): Span | undefined => {
  const [base = '', length = '32'] = cidr.split('/');
  const isIPv4 = network.test(cidr) && base.split('.').every((part) => Number(part) <= 255) && Number(length) <= 32;
  if (!isIPv4) return undefined;
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(numberOf(base) / size) * size;
  return { first, last: first + size - 1 };
};

export const sizeOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { first, last }) => sum + last - first + 1, 0);

export const holds = ({ first, last }: Span, n: number): boolean => first <= n && n <= last;

/** What both have; undefined when that is nothing. */
export const overlapOf = (a: Span, b: Span): Span | undefined => {
  const [first, last] = [Math.max(a.first, b.first), Math.min(a.last, b.last)];
  return first <= last ? { first, last } : undefined;
};

const cut = (span: Span, out: Span): readonly Span[] => {
  const common = overlapOf(span, out);
  if (!common) return [span];
  return [
    { first: span.first, last: common.first - 1 },
    { first: common.last + 1, last: span.last },
  ].filter(({ first, last }) => first <= last);
};

/** What is left of a span, in order. */
export const without = (span: Span, out: readonly Span[]): readonly Span[] =>
  out.reduce<readonly Span[]>((left, each) => left.flatMap((part) => cut(part, each)), [span]);

/** As a person reads it: one address, or the first and the last. */
export const spanText = ({ first, last }: Span): string =>
  first === last ? textOf(first) : `${textOf(first)}-${textOf(last)}`;
