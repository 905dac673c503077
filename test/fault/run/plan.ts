import type { Turn } from '../table/cells.ts';

/** One run: a cell of the table, on two nodes. */
export interface Plan extends Turn {
  readonly number: number;
  readonly source: string;
  readonly target: string;
  /** Further attempts that the policy allows the move. */
  readonly retries: number;
}
