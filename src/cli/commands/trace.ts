import { migrations } from '../../api/resource.ts';
import { mermaidDiagram } from '../../trace/render/mermaid.ts';
import { shivizLog } from '../../trace/render/shiviz.ts';
import { migrationNamed } from '../cluster/named.ts';
import { exitCode } from '../exit-code.ts';
import { UserError } from '../failure.ts';
import { traceJson, traceTable } from '../output/trace.ts';
import type { Session } from '../session.ts';
import { type Found, traceOf } from '../trace/collect.ts';

export interface TraceOptions {
  readonly format: TraceFormat;
}

export type TraceFormat = 'table' | 'json' | 'shiviz' | 'mermaid';

const renderers: Readonly<Record<TraceFormat, (found: Found) => readonly string[]>> = {
  table: ({ trace }) => traceTable(trace),
  json: traceJson,
  shiviz: ({ trace }) => shivizLog(trace),
  mermaid: ({ trace }) => mermaidDiagram(trace),
};

/** Shows what each actor did in a move, in an order in which nothing stands before its cause. */
export const trace = async (word: string, { format }: TraceOptions, session: Session): Promise<number> => {
  const migration = await migrationNamed(word, session, migrations);
  const found = await traceOf(migration, session);
  if (found.trace.events.length === 0) {
    const why = found.missing.map((sentence) => `: ${sentence}`).join('');
    throw new UserError(`nothing is known of what happened in Migration ${migration.metadata.name}${why}`);
  }
  for (const line of renderers[format](found)) session.terminal.out(line);
  for (const sentence of found.missing) session.terminal.err(`Warning: ${sentence}`);
  return exitCode.done;
};
