import { type Entry, registry, type Retry } from './reason-registry.ts';

export type { ReasonKind } from './reason-registry.ts';

export type Reason = keyof typeof registry;

export const reasons: Readonly<Record<Reason, Entry>> = registry;
export const allReasons = Object.keys(registry) as readonly Reason[];

/** Is this a reason that this version knows? A record may have been written by another. */
export const isReason = (text: string | undefined): text is Reason =>
  text !== undefined && Object.hasOwn(registry, text);

/** What is tried after a fault. */
export const retryOf = (reason: Reason): Retry => reasons[reason].retry ?? 'never';

/** Why something did not happen: a word for machines and a sentence, naming the object, for people. */
export interface Finding {
  readonly reason: Reason;
  readonly message: string;
}

/** All findings in one sentence each, as a user reads them. */
export const sentenceOf = (findings: readonly Finding[]): string =>
  findings.map((f) => `${f.reason}: ${f.message}`).join('; ');

/** An error that carries a reason of the registry up to whoever writes it into the record. */
export class ReasonedError extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ReasonedError';
    this.reason = reason;
  }
}
