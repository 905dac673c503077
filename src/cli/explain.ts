import { isNotFound } from '../kube/api-error.ts';

const transportCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN']);

const hasCode = (error: Error): error is Error & { readonly code: string } =>
  'code' in error && typeof error.code === 'string';

/** One line: a proxy's page, or the API server's "404 page not found", ends with a line break. */
const textOf = ({ message }: Error): string => message.trim().replace(/\s+/g, ' ');

const hints: readonly { readonly holds: (error: Error) => boolean; readonly say: (text: string) => string }[] = [
  // The objects that commands name are asked for with an answer of their own, so what was not found is the kind.
  { holds: isNotFound, say: (text) => `${text}. Is Transship installed in this cluster?` },
  {
    holds: (error) => hasCode(error) && transportCodes.has(error.code),
    say: (text) => `cannot reach the API server: ${text}. Is this the right --kubeconfig and --context?`,
  },
  { holds: (error) => hasCode(error) && error.code === 'ENOENT', say: (text) => `cannot read the kubeconfig: ${text}` },
];

/** A failure as a sentence for the person at the terminal, with what to do where we know it. */
export const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const hint = hints.find(({ holds }) => holds(error));
  return hint ? hint.say(textOf(error)) : textOf(error);
};
