import type { Secret } from '../../kube/builtin-resources.ts';

/** Secrets hold base64. */
export const textIn = (secret: Secret | undefined, key: string): string =>
  Buffer.from(secret?.data?.[key] ?? '', 'base64').toString('utf8');

export const dataOf = (texts: Readonly<Record<string, string | undefined>>): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, text ? Buffer.from(text).toString('base64') : null]),
  );
