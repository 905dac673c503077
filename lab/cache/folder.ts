import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where everything that is costly to build stays between labs: outside of any work tree. */
export function cacheFolder(): string {
  const named = process.env.TRANSSHIP_LAB_CACHE;
  if (named) return named;
  const base = process.env.XDG_CACHE_HOME;
  return join(base ?? join(homedir(), '.cache'), 'transship-lab');
}
