import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { apiVersion } from '../api/group.ts';
import type { KubeObject } from '../api/metadata.ts';
import { ipPools, migrationPolicies, type Resource } from '../api/resource.ts';
import type { Clock } from '../clock/clock.ts';
import { isAlreadyExists, isNotFound, isServerTrouble } from '../kube/api-error.ts';
import type { KubeApi } from '../kube/api.ts';
import type { Log } from '../log/log.ts';

/** Only what an administrator sets up once. Everything else of ours is made by us or by users, in its own time. */
const resources: Readonly<Record<'IPPool' | 'MigrationPolicy', Resource<KubeObject>>> = {
  IPPool: ipPools,
  MigrationPolicy: migrationPolicies,
};

const defaultObject = z.looseObject({
  apiVersion: z.literal(apiVersion),
  kind: z.enum(['IPPool', 'MigrationPolicy']),
  metadata: z.looseObject({ name: z.string().min(1) }),
});
export type DefaultObject = z.infer<typeof defaultObject>;

const problemsOf = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');

/** The objects in one YAML file. Throws with the file's name and everything that is wrong in it. */
export const defaultsIn = (file: string, text: string): readonly DefaultObject[] =>
  parseAllDocuments(text).flatMap((document) => {
    const [mistake] = document.errors;
    if (mistake) throw new Error(`${file}: ${mistake.message}`);
    const value: unknown = document.toJS();
    if (value === null) return [];
    const read = defaultObject.safeParse(value);
    if (!read.success) throw new Error(`${file}: ${problemsOf(read.error)}`);
    return [read.data];
  });

export interface CreationPorts {
  readonly api: Pick<KubeApi, 'create'>;
  readonly clock: Clock;
  readonly log: Log;
}

const periodMs = 1_000;
const patienceMs = 60_000;

/** The kinds are made by the same `kubectl apply`, and the API server serves a new kind a moment later. */
const mayPass = (error: unknown): boolean => isNotFound(error) || isServerTrouble(error);

const createOne = async (
  object: DefaultObject,
  { api, clock, log }: CreationPorts,
  signal: AbortSignal,
): Promise<void> => {
  const { kind, metadata } = object;
  const until = clock.now() + patienceMs;
  for (;;) {
    try {
      await api.create(resources[kind], undefined, object, {}, signal);
      log.info({ kind, name: metadata.name }, 'Created default object');
      return;
    } catch (error) {
      if (isAlreadyExists(error)) return;
      if (!mayPass(error) || clock.now() >= until) throw error;
    }
    await clock.sleep(periodMs, signal);
  }
};

/** What exists is the administrator's, and stays as it is. */
export const createMissing = async (
  objects: readonly DefaultObject[],
  ports: CreationPorts,
  signal: AbortSignal,
): Promise<void> => {
  for (const object of objects) await createOne(object, ports, signal);
};
