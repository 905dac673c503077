const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ESRCH';

/** Sends a signal to each of these processes of the host; one that has ended is none to send it to. */
export const signalEach = (processes: readonly number[], signal: NodeJS.Signals): void => {
  for (const pid of processes) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
};
