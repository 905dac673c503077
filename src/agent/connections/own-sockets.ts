import { nameOf, type ServiceConnection } from './service-connection.ts';

/** Of every TCP connection in a network namespace. */
export const listing = ['ss', '-Htn'] as const;

/** A socket of both versions of IP tells addresses of version 4 in its own way. */
const plain = (address: string): string => address.replace(/^\[::ffff:(.*)\](:\d+)$/u, '$1$2');

const portOf = (address: string): string => address.split(':').at(-1) ?? '';

/** Names as those of {@link ServiceConnection}, from what `ss` says. */
export const namesIn = (said: string): ReadonlySet<string> =>
  new Set(
    said.split('\n').flatMap((text) => {
      const [, , , own, peer] = text.trim().split(/\s+/u);
      if (own === undefined || peer === undefined) return [];
      const [ip = '', port = ''] = plain(peer).split(':');
      return `tcp ${portOf(own)} ${ip} ${port}`;
    }),
  );

/**
 * Of connections that an earlier move has brought here, those that are still open. The kernel has forgotten about one on
 * which nothing was said since, and about requests over UDP it knows all that there is to know.
 */
export const stillOpen = (
  brought: readonly ServiceConnection[],
  sockets: ReadonlySet<string>,
): readonly ServiceConnection[] => brought.filter((connection) => sockets.has(nameOf(connection)));
