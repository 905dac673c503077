import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../clock/system-clock.ts';
import { createMissing, defaultsIn } from '../defaults/create-missing.ts';
import { createKubeApi } from '../kube/client-node.ts';
import { createLog, logLevels } from '../log/log.ts';
import { parseEnvironment } from './config-error.ts';

const schema = z.object({
  TRANSSHIP_DEFAULTS: z.string().default('/etc/transship/defaults'),
  TRANSSHIP_LOG_LEVEL: z.enum(logLevels).default('info'),
});

const yamlFilesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.yaml')).toSorted();

/** The role `defaults`: creates the objects of the folder's YAML files that do not exist yet, and ends. */
export const runDefaults = async (env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> => {
  const config = parseEnvironment(schema, env);
  const folder = config.TRANSSHIP_DEFAULTS;
  const files = await yamlFilesIn(folder);
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const objects = texts.flatMap((text, index) => defaultsIn(files[index] ?? folder, text));
  const log = createLog({ role: 'defaults', level: config.TRANSSHIP_LOG_LEVEL });
  const api = await createKubeApi({});
  try {
    await createMissing(objects, { api, clock: systemClock, log }, signal);
  } finally {
    api.close();
  }
};
