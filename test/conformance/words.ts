import type { Turn } from './choice.ts';
import type { Result } from './result.ts';

/** A sentence about a case, without the marks of a document. */
export const describeTurn = ({ client, tried }: Turn): string =>
  `${client.name}, ${tried.does}: ${tried.outcome}`.replaceAll(/[`*]/g, '');

/** One line about a case, as it scrolls by. */
export const describeResult = ({ turn, from, to, notSo, seconds }: Result): string =>
  `${notSo.length === 0 ? 'ok    ' : 'FAILED'}  ${describeTurn(turn)} (${from} → ${to}, ${seconds.toFixed(1)} s)`;

/** What a person needs who wants to know why. */
export const describeFailure = ({ notSo, said }: Result): string =>
  [
    ...notSo.map((claim) => `NOT SO: ${claim}`),
    ...said
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `    ${line}`),
  ].join('\n');
