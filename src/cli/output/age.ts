const second = 1;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The finer unit matters only while the coarser one is small. */
const pair = (
  seconds: number,
  [large, largeName]: readonly [number, string],
  [small, smallName]: readonly [number, string],
): string => {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${largeName}${rest === 0 ? '' : `${rest}${smallName}`}`;
};

/** As kubectl writes ages (HumanDuration of apimachinery): 45s, 5m30s, 12m, 5h10m, 30h, 3d4h, 12d. */
export const durationText = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 2 * minute) return `${seconds}s`;
  if (seconds < 10 * minute) return pair(seconds, [minute, 'm'], [second, 's']);
  if (seconds < 3 * hour) return `${Math.floor(seconds / minute)}m`;
  if (seconds < 8 * hour) return pair(seconds, [hour, 'h'], [minute, 'm']);
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)}h`;
  return seconds < 8 * day ? pair(seconds, [day, 'd'], [hour, 'h']) : `${Math.floor(seconds / day)}d`;
};

/** How long ago a time of the API was. */
export const ageText = (time: string | undefined, now: number): string => {
  const ms = now - Date.parse(time ?? '');
  return Number.isNaN(ms) ? '<unknown>' : durationText(ms);
};
