import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/*
 * A kubeconfig as kubeadm and most tools write it: a certificate or a token, and
 * nothing that has to be run, asked or tunnelled through. @kubernetes/client-node
 * reads every kind, but takes most of a second to be loaded, for which a person
 * would wait at each command. What is not understood here to the last field is
 * left to it.
 */

/** Bytes that stand in the file itself, as base64, or the absolute path of another that has them. */
export type Material = { readonly data: string } | { readonly file: string };

export interface PlainKubeconfig {
  readonly server: URL;
  readonly namespace: string | undefined;
  readonly ca: Material | undefined;
  readonly certificate: { readonly cert: Material; readonly key: Material } | undefined;
  readonly token: string | undefined;
  readonly serverName: string | undefined;
  readonly verifies: boolean;
}

const named = z.object({ name: z.string() });
type Named = z.infer<typeof named>;

const kubeconfig = z.object({
  'current-context': z.string().optional(),
  contexts: z.array(named.extend({ context: z.unknown() })),
  clusters: z.array(named.extend({ cluster: z.unknown() })),
  users: z.array(named.extend({ user: z.unknown() })),
});

/** Of other tools; they say nothing about the connection. */
const extensions = z.unknown().optional();
const text = z.string().min(1).optional();

const contextFields = z.strictObject({ cluster: z.string(), user: z.string(), namespace: text, extensions });

/** Which of the two counts where both are given is answered differently by different clients. */
const notBoth = (a: unknown, b: unknown): boolean => a === undefined || b === undefined;

const clusterFields = z
  .strictObject({
    server: z.url({ protocol: /^https$/ }),
    'certificate-authority': text,
    'certificate-authority-data': text,
    'insecure-skip-tls-verify': z.boolean().optional(),
    'tls-server-name': text,
    extensions,
  })
  .refine((fields) => notBoth(fields['certificate-authority'], fields['certificate-authority-data']));

const userFields = z
  .strictObject({
    'client-certificate': text,
    'client-certificate-data': text,
    'client-key': text,
    'client-key-data': text,
    token: text,
  })
  .refine((fields) => notBoth(fields['client-certificate'], fields['client-certificate-data']))
  .refine((fields) => notBoth(fields['client-key'], fields['client-key-data']));

const parsed = (source: string): unknown => {
  try {
    return parse(source);
  } catch {
    return undefined;
  }
};

/** The one entry of that name; none where there are two, for clients differ in which of them counts. */
const entryIn = <T extends Named>(entries: readonly T[], name: string | undefined): T | undefined => {
  const [found, ...others] = entries.filter((entry) => entry.name === name);
  return others.length === 0 ? found : undefined;
};

const materialOf = (folder: string, file: string | undefined, data: string | undefined): Material | undefined => {
  if (file !== undefined) return { file: resolve(folder, file) };
  return data === undefined ? undefined : { data };
};

interface Chosen {
  readonly context: z.infer<typeof contextFields>;
  readonly cluster: z.infer<typeof clusterFields>;
  readonly user: z.infer<typeof userFields>;
}

const chosenIn = (all: z.infer<typeof kubeconfig>, wanted: string | undefined): Chosen | undefined => {
  const { data: context } = contextFields.safeParse(entryIn(all.contexts, wanted ?? all['current-context'])?.context);
  const { data: cluster } = clusterFields.safeParse(entryIn(all.clusters, context?.cluster)?.cluster);
  const { data: user } = userFields.safeParse(entryIn(all.users, context?.user)?.user);
  return context && cluster && user && { context, cluster, user };
};

const connectionOf = ({ context, cluster, user }: Chosen, folder: string): PlainKubeconfig | undefined => {
  const cert = materialOf(folder, user['client-certificate'], user['client-certificate-data']);
  const key = materialOf(folder, user['client-key'], user['client-key-data']);
  if ((cert === undefined) !== (key === undefined)) return undefined;
  return {
    server: new URL(cluster.server),
    namespace: context.namespace,
    ca: materialOf(folder, cluster['certificate-authority'], cluster['certificate-authority-data']),
    certificate: cert && key && { cert, key },
    token: user.token,
    serverName: cluster['tls-server-name'],
    verifies: cluster['insecure-skip-tls-verify'] !== true,
  };
};

/**
 * The connection that a kubeconfig describes; undefined when it has anything
 * that is not understood here, also when it is no kubeconfig at all.
 *
 * @param folder the one of the file, which paths in it begin at.
 * @param wanted the context; without it, the current one.
 */
export const plainKubeconfig = (source: string, folder: string, wanted?: string): PlainKubeconfig | undefined => {
  const { data: all } = kubeconfig.safeParse(parsed(source));
  const chosen = all && chosenIn(all, wanted);
  return chosen && connectionOf(chosen, folder);
};
