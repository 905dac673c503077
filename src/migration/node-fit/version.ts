/** The numbers of a version as CRIU prints it ("4.2", "4.2.1", "4.2-dirty"); none when there are none. */
const numbersOf = (version: string): readonly number[] =>
  (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);

/** An image can be read by the CRIU that wrote it and by later ones; earlier ones may not know what is in it. */
export const isOlder = (version: string, than: string): boolean => {
  const [mine, theirs] = [numbersOf(version), numbersOf(than)];
  for (let place = 0; place < Math.max(mine.length, theirs.length); place++) {
    const difference = (mine[place] ?? 0) - (theirs[place] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
};
