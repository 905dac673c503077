import type { CaseReport, ClientReport } from '../../docs/conformance-page.ts';
import type { Turn } from './choice.ts';
import type { Claims } from './claims.ts';

/** What came of one case. */
export interface Result {
  readonly turn: Turn;
  readonly from: string;
  readonly to: string;
  readonly claims: Claims;
  readonly notSo: readonly string[];
  readonly said: string;
  readonly seconds: number;
}

const caseReport = ({ turn: { tried }, from, to, notSo, seconds }: Result): CaseReport => ({
  does: tried.does,
  outcome: tried.outcome,
  passed: notSo.length === 0,
  from,
  to,
  seconds: Math.round(seconds),
});

/** By client, in the order of the table. */
export const clientReports = async (results: readonly Result[]): Promise<readonly ClientReport[]> => {
  const tried = [...new Set(results.map(({ turn }) => turn.client))];
  return Promise.all(
    tried.map(async (client) => ({
      name: client.name,
      version: await client.version(),
      note: client.note,
      cases: results.filter(({ turn }) => turn.client === client).map(caseReport),
    })),
  );
};

/** Everything, for a program that counts and for whoever looks for a reason. One that was not carried out has not passed. */
export const details = (turns: readonly Turn[], results: readonly Result[]) => ({
  cases: turns.map((turn) => {
    const result = results.find((each) => each.turn === turn);
    const { claims = {}, notSo = ['it was not carried out'], said = '', seconds = 0 } = result ?? {};
    const { client, tried } = turn;
    return { client: client.name, does: tried.does, outcome: tried.outcome, notSo, claims, seconds, said };
  }),
});
