/** The numbers that a version begins with ("4.2", "4.2.1-dirty", "6.18.0-rc3"); none when it begins otherwise. */
const numbersOf = (version: string): readonly number[] =>
  (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);

/** Compares so many numbers of them; all, when not told otherwise. */
export const isOlder = (version: string, than: string, places = Number.POSITIVE_INFINITY): boolean => {
  const [mine, theirs] = [numbersOf(version), numbersOf(than)];
  for (let place = 0; place < Math.min(places, Math.max(mine.length, theirs.length)); place++) {
    const difference = (mine[place] ?? 0) - (theirs[place] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
};
