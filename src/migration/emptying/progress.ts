import { timestamp } from '../../clock/clock.ts';
import type { Attempts } from './evictions.ts';
import type { Fate, Fated, Stay } from './fate.ts';
import { counted, listed, nameOf } from './wording.ts';

/** Of those that wait for somebody. */
const mostNamed = 3;
const longestRefusal = 200;

const shortened = (text: string): string =>
  text.length > longestRefusal ? `${text.slice(0, longestRefusal - 1)}…` : text;

/** One group of the pods that are left: how many they are, and which. */
interface Group {
  readonly belongs: (fated: Fated, refusal: string | undefined) => boolean;
  readonly one: string;
  readonly many: string;
  readonly detail?: (fate: Fate, refusal: string | undefined) => string;
}

const is =
  (word: Fate['is']): Group['belongs'] =>
  ({ fate }) =>
    fate.is === word;

const groups: readonly Group[] = [
  { belongs: is('moving'), one: 'moves', many: 'move' },
  { belongs: is('arriving'), one: 'arrives', many: 'arrive' },
  {
    belongs: ({ fate }, refusal) => fate.is === 'toBeEvicted' && refusal === undefined,
    one: 'is to be evicted',
    many: 'are to be evicted',
  },
  {
    belongs: ({ fate }, refusal) => fate.is === 'toBeEvicted' && refusal !== undefined,
    one: 'cannot be evicted yet',
    many: 'cannot be evicted yet',
    detail: (_fate, refusal = '') => shortened(refusal),
  },
  {
    belongs: is('kept'),
    one: 'is kept because its move has failed',
    many: 'are kept because their moves have failed',
    detail: (fate) => (fate.is === 'kept' ? `until ${timestamp(fate.until)}` : ''),
  },
  { belongs: is('ending'), one: 'ends', many: 'end' },
];

const groupText = ({ belongs, one, many, detail }: Group, fated: readonly Fated[], attempts: Attempts): string[] => {
  const refusalOf = ({ pod }: Fated): string | undefined => attempts.get(pod.metadata.uid)?.refusal;
  const members = fated.filter((each) => belongs(each, refusalOf(each)));
  if (members.length === 0) return [];
  const names = detail && members.map((each) => `${nameOf(each.pod)} (${detail(each.fate, refusalOf(each))})`);
  return [counted(members.length, one, many) + (names ? `: ${listed(names, mostNamed)}` : '')];
};

const stays: Readonly<Record<Stay, readonly [one: string, many: string]>> = {
  daemonSet: ['of a DaemonSet', 'of DaemonSets'],
  static: ['static', 'static'],
  tolerant: ['that tolerates the taint', 'that tolerate the taint'],
};

/** `4 stay (3 of DaemonSets, 1 static)`; undefined when none does. */
export const staysText = (fated: readonly Fated[]): string | undefined => {
  const whys = fated.flatMap(({ fate }) => (fate.is === 'staying' ? [fate.why] : []));
  if (whys.length === 0) return undefined;
  const parts = (Object.keys(stays) as Stay[]).flatMap((why) => {
    const count = whys.filter((each) => each === why).length;
    return count === 0 ? [] : [counted(count, ...stays[why])];
  });
  return `${counted(whys.length, 'stays', 'stay')} (${parts.join(', ')})`;
};

/** How many pods have yet to leave. */
export const leftOf = (fated: readonly Fated[]): number => fated.filter(({ fate }) => fate.is !== 'staying').length;

/** How far a decommissioned node is, as people read it. */
export const progressText = (fated: readonly Fated[], attempts: Attempts): string => {
  const left = leftOf(fated);
  const staying = staysText(fated);
  const after = staying === undefined ? '' : `. ${staying}`;
  if (left === 0) return `no pod is left that has to leave${after}`;
  const parts = groups.flatMap((group) => groupText(group, fated, attempts));
  return `${counted(left, 'pod is', 'pods are')} left: ${parts.join('; ')}${after}`;
};
