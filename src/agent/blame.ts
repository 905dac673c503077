import { type Finding, ReasonedError } from '../api/reasons.ts';

/** What goes into the record about an error: its own reason where it has one. */
export const findingOf = (error: unknown): Finding => {
  if (error instanceof ReasonedError) return { reason: error.reason, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { reason: 'AgentFault', message };
};
