import { expect } from 'vitest';
import type { CounterClient } from './counter-client.ts';
import { identityOf, type PodView } from './redis.ts';

/** The client still has its one connection, and behind it is the very process that it had at first. */
export const expectUnbroken = async (
  client: CounterClient,
  { metadata: { namespace, name } }: PodView,
  was: Awaited<ReturnType<typeof identityOf>>,
): Promise<void> => {
  const lap = await client.lap();
  expect(lap).toMatchObject({ connected: true, jumps: 0 });
  expect(lap.answers).toBeGreaterThan(0);
  expect(await identityOf(namespace, name)).toEqual(was);
};
