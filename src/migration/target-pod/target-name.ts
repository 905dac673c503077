import { attemptOf, type Migration } from '../../api/migration.ts';

const longestName = 63;

/** What a target's name ends with; `node/transship-ipam` knows it, too. */
const suffixOfTarget = /-m[0-9a-f]{6}(-\d+)?$/;

/** Does a pod bear the name of a target? Where nothing else can be known of it, it is to be treated as one. */
export const isTargetName = (podName: string): boolean => suffixOfTarget.test(podName);

/**
 * `web-1` → `web-1-m3fa9c2`, for a second attempt `web-1-m3fa9c2-2`, and that one's next target `web-1-m71b0de`: a pod
 * that moves often must not get a longer name each time.
 */
export const targetPodName = (migration: Migration): string => {
  const base = migration.spec.podName.replace(suffixOfTarget, '');
  const attempt = attemptOf(migration);
  const suffix = `-m${migration.metadata.uid.replaceAll('-', '').slice(0, 6)}${attempt === 1 ? '' : `-${attempt}`}`;
  return base.slice(0, longestName - suffix.length).replace(/[-.]+$/, '') + suffix;
};

/** The value of the target's label: a label's value ends, like its beginning, with a letter or digit. */
export const targetLabelValue = (migration: Migration): string =>
  migration.metadata.name.slice(0, longestName).replace(/[^a-zA-Z0-9]+$/, '');
