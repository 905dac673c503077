import type { Case, Client } from './case.ts';

/** A case of a client that is to be tried; its number is its place in the whole table, whatever else is chosen. */
export interface Turn {
  readonly number: number;
  readonly client: Client;
  readonly tried: Case;
}

export interface Choice {
  /** Only those of `make test`. */
  readonly short?: boolean;
  /** Only those with these words in the name of the client or in what it does. */
  readonly words?: string | undefined;
}

export const chosenTurns = (clients: readonly Client[], { short = false, words = '' }: Choice = {}): readonly Turn[] =>
  clients
    .flatMap((client) => client.cases.map((tried) => ({ client, tried })))
    .map((turn, number) => ({ ...turn, number }))
    .filter(({ tried }) => !short || tried.inShort === true)
    .filter(({ client, tried }) => `${client.name} ${tried.does}`.includes(words));
