import type { PodView } from '../cluster/redis.ts';
import type { Batch } from './rows.ts';

/** Clients that are at work. */
export interface Load<Told> extends AsyncDisposable {
  /** Ends them. Resolves with all that they heard, and with what they were told. */
  end(): Promise<{ readonly heard: readonly Batch[]; readonly told: Told }>;
}

/** An application of examples/, with its real clients, and what these are owed. */
export interface Example<Told> {
  /** Of its folder, of its Deployment, and of the label `app` of its pod. */
  readonly name: string;
  /** Starts the clients at the address of the pod; resolves when each of them has had an answer. */
  load(pod: PodView): Promise<Load<Told>>;
  /** Compares what it has, in the end, with what the clients were told. @returns a sentence for each difference. */
  differences(pod: PodView, told: Told): Promise<readonly string[]>;
  /** A script that ends it, of one that keeps on disk what it tells. Started anew, it has to know the same. */
  readonly kill?: string;
}
