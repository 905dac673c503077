import type { z } from 'zod';

/** Every mistake of the configuration at once, each with the variable's name and what it should be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads environment variables through a schema. Throws {@link ConfigError}; the caller ends with code 2. */
export const parseEnvironment = <T>(schema: z.ZodType<T>, env: NodeJS.ProcessEnv): T => {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`The configuration is wrong:\n${lines.join('\n')}`);
};
