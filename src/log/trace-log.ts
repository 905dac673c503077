import type { TraceEvent } from '../trace/event.ts';
import { createLog, type LogOptions } from './log.ts';

/** Events of traces as lines of the log, whatever level it has: a trace with gaps is none. */
export const traceTo = (options: Omit<LogOptions, 'level'>): ((event: TraceEvent) => void) => {
  const log = createLog({ ...options, level: 'info' });
  return (trace) => log.info({ trace }, 'Something happened in a move');
};
