import { z } from 'zod';
import { type LogLevel, logLevels } from '../log/log.ts';
import { parseEnvironment } from './config-error.ts';

const schema = z.object({
  NODE_NAME: z.string({ error: 'set it to the name of the node (downward API: spec.nodeName)' }).min(1),
  TRANSSHIP_SCRIPTS: z.string().default('/opt/transship/node'),
  TRANSSHIP_LOG_LEVEL: z.enum(logLevels).default('info'),
});

export interface InstallConfig {
  readonly nodeName: string;
  /** Folder with transship-runc, transship-criu, transship-guard, transship-ipam and criu.conf. */
  readonly scripts: string;
  readonly logLevel: LogLevel;
}

export const parseInstallConfig = (env: NodeJS.ProcessEnv): InstallConfig => {
  const { NODE_NAME, TRANSSHIP_SCRIPTS, TRANSSHIP_LOG_LEVEL } = parseEnvironment(schema, env);
  return { nodeName: NODE_NAME, scripts: TRANSSHIP_SCRIPTS, logLevel: TRANSSHIP_LOG_LEVEL };
};
