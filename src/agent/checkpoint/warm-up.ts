import { inHost, run } from '../host/command.ts';

/**
 * Brings runc and CRIU, with the libraries that they load, into memory. Programs
 * that have not been used for long are dropped from the page cache; the freeze
 * would pay for reading them from disk again.
 */
export const warmUp = async (runc: string): Promise<void> => {
  const script = 'cat "$1" "$(command -v runc)" "$(command -v criu)" >/dev/null; "$1" --version && criu --version';
  await run(inHost(['sh', '-c', script, 'warm-up', runc]), { timeoutMs: 20_000 });
};
