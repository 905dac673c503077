import { ApiError, isNotFound } from '../kube/api-error.ts';
import { UserError } from './terminal.ts';

const transportCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN']);

const hasCode = (error: Error): error is Error & { readonly code: string } =>
  'code' in error && typeof error.code === 'string';

/** A failure as a sentence for the person at the terminal, with what to do where we know it. */
export const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof UserError) return error.message;
  // The objects that commands name are asked for with an answer of their own, so this is the kind itself.
  if (isNotFound(error)) return `${error.message}. Is Transship installed in this cluster?`;
  if (error instanceof ApiError) return error.message;
  if (hasCode(error) && transportCodes.has(error.code))
    return `cannot reach the API server: ${error.message}. Is this the right --kubeconfig and --context?`;
  return error.message;
};
