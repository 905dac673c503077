import type { Lap } from '../workload/counter.ts';
import { startTelling } from './telling-program.ts';

export interface CounterClient {
  /** What has happened since the last call. */
  lap(): Promise<Lap>;
  close(): Promise<void>;
}

export interface Server {
  readonly host: string;
  readonly port: number;
}

/** Resolves when its connection is up and has had an answer. */
const startIn = async (
  nodeName: string | undefined,
  { host, port }: Server,
  key: string,
  pauseMs: number,
): Promise<CounterClient> => {
  const program = startTelling<Lap>(nodeName, 'counter.ts', host, String(port), key, String(pauseMs));
  await program.ask();
  return { lap: () => program.ask(), close: () => program.close() };
};

/**
 * In the network of a node of the lab.
 *
 * @param pauseMs between an answer and the next request: many clients that ask without a pause would need the machine
 */
export const startCounter = (nodeName: string, server: Server, key: string, pauseMs = 1): Promise<CounterClient> =>
  startIn(nodeName, server, key, pauseMs);

/** On the machine of the lab, which is no node. */
export const startOutside = (server: Server, key: string, pauseMs = 1): Promise<CounterClient> =>
  startIn(undefined, server, key, pauseMs);
