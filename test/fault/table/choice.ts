import { faults } from '../faults/all.ts';
import { type Cell, cellsOfAll, inTurn, type Turn } from './cells.ts';
import { sample } from './sample.ts';

export interface Wanted {
  readonly fault?: string | undefined;
  readonly step?: string | undefined;
  readonly runs?: string | undefined;
  readonly sample?: boolean | undefined;
}

/** Names, separated by commas; without any, all. */
const namesIn = (what: string, list: string | undefined, names: ReadonlySet<string>): ReadonlySet<string> => {
  if (list === undefined) return names;
  const wanted = list.split(',');
  const unknown = wanted.find((name) => !names.has(name));
  if (unknown !== undefined) throw new Error(`there is no ${what} ${unknown}; there are ${[...names].join(', ')}`);
  return new Set(wanted);
};

const matching = (cells: readonly Cell[], { fault, step }: Wanted): readonly Cell[] => {
  const faultNames = namesIn('fault', fault, new Set(cells.map((cell) => cell.fault.name)));
  const stepNames = namesIn('step', step, new Set(cells.map((cell) => cell.step)));
  const found = cells.filter((cell) => faultNames.has(cell.fault.name) && stepNames.has(cell.step));
  if (found.length === 0) throw new Error(`${fault ?? ''} does not exist at ${step ?? ''}`);
  // Without a wish for a step, the boundaries of the design's table; each fault meets every one of them.
  return step === undefined ? found.filter(({ isRow }) => isRow) : found;
};

const ofSample = (cells: readonly Cell[]): readonly Cell[] =>
  sample.map(([fault, step]) => {
    const cell = cells.find((each) => each.fault.name === fault && each.step === step);
    if (!cell) throw new Error(`the sample has ${fault} at ${step}, which does not exist`);
    return cell;
  });

/** The runs that somebody asked for, each with its pair of runtimes. */
export const chosenTurns = (wanted: Wanted): readonly Turn[] => {
  const all = cellsOfAll(faults);
  const cells = wanted.sample === true ? ofSample(all) : matching(all, wanted);
  const once = inTurn(cells);
  const count = wanted.runs === undefined ? once.length : Number(wanted.runs);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--runs ${wanted.runs ?? ''} is no number of runs`);
  const turns: Turn[] = [];
  for (let round = 0; turns.length < count; round += 1) turns.push(...inTurn(cells, round));
  return turns.slice(0, count);
};
