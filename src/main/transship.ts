import { ConfigError } from './config-error.ts';

/** A role of this program. It runs until its work is done or `signal` aborts, and then settles what is in flight. */
type Role = (env: NodeJS.ProcessEnv, signal: AbortSignal) => Promise<void>;

interface RoleEntry {
  readonly does: string;
  /** Loaded when it is called for: no role needs what the others are made of. */
  readonly load: () => Promise<Role>;
}

const roles: Readonly<Record<string, RoleEntry>> = {
  controller: {
    does: 'answers webhooks and the scheduler, and carries out Migrations',
    load: async () => (await import('./controller.ts')).runController,
  },
  defaults: {
    does: 'creates the objects that every cluster needs, where they are missing',
    load: async () => (await import('./defaults.ts')).runDefaults,
  },
  agent: {
    does: 'freezes, dumps and restores the pods of its node',
    load: async () => (await import('./agent.ts')).runAgent,
  },
  install: {
    does: 'prepares a node',
    load: async () => (await import('./install.ts')).runInstall,
  },
  uninstall: {
    does: 'takes back what install changed',
    load: async () => (await import('./install.ts')).runUninstall,
  },
};

const usage = (): string =>
  [
    'Usage: transship ROLE',
    '',
    ...Object.entries(roles).map(([name, { does }]) => `  ${name.padEnd(12)}${does}`),
    '',
  ].join('\n');

/** What a shell expects: 2 for a mistake of the caller, 1 for a failure. */
const codeOf = (error: unknown): number => (error instanceof ConfigError ? 2 : 1);

const stopSignal = (): AbortSignal => {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      stop.abort(new Error(`stopped by ${name}`));
    });
  }
  return stop.signal;
};

/** One line on standard error besides the log: `kubectl logs` shows it last, and it is what has to be read. */
const complain = (error: unknown): void => {
  console.error(error instanceof ConfigError ? error.message : error);
};

const main = async (name: string | undefined): Promise<number> => {
  const role = roles[name ?? ''];
  if (!role) {
    process.stderr.write(usage());
    return 2;
  }
  const signal = stopSignal();
  try {
    await (
      await role.load()
    )(process.env, signal);
    return 0;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return 0;
    complain(error);
    return codeOf(error);
  }
};

// Not `exitCode`: a connection that is kept open for reuse would keep the process, and with it the pod.
process.exit(await main(process.argv[2]));
