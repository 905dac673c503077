/** Milliseconds of the processor that this thread has used: what other processes of a busy machine use does not count. */
const usedMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** For tests: milliseconds of the processor that a piece of work takes, at its fastest of seven times. */
export const fastest = (work: () => void): number =>
  Math.min(
    ...Array.from({ length: 7 }, () => {
      const before = usedMs();
      work();
      return usedMs() - before;
    }),
  );
