import { readFile } from 'node:fs/promises';
import https from 'node:https';
import { dirname } from 'node:path';
import { connectionOver, type ConnectOptions, keptOpen, type KubeConnection } from './connection.ts';
import { type Material, type PlainKubeconfig, plainKubeconfig } from './plain-kubeconfig.ts';

const bytesOf = async (material: Material | undefined): Promise<Buffer | undefined> => {
  if (material === undefined) return undefined;
  return 'file' in material ? readFile(material.file) : Buffer.from(material.data, 'base64');
};

/** What a TLS connection to the server takes, as `node:https` wants it. */
export const tlsOptions = async ({ ca, certificate, serverName, verifies }: PlainKubeconfig) => {
  const [authority, cert, key] = await Promise.all([ca, certificate?.cert, certificate?.key].map(bytesOf));
  return {
    ...(authority && { ca: authority }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(serverName !== undefined && { servername: serverName }),
    ...(!verifies && { rejectUnauthorized: false }),
  };
};

/**
 * Connects as the kubeconfig says. Undefined when it is not a plain one; then
 * `createKubeApi` is to be asked. Rejects when the file, or one that it names,
 * cannot be read.
 */
export const plainConnection = async (
  path: string,
  { context, timeoutMs, onMalformed, onWarning }: Omit<ConnectOptions, 'kubeconfigPath'>,
): Promise<KubeConnection | undefined> => {
  const config = plainKubeconfig(await readFile(path, 'utf8'), dirname(path), context);
  if (!config) return undefined;
  const { token } = config;
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return connectionOver({
    server: config.server,
    agent: new https.Agent({ ...keptOpen, ...(await tlsOptions(config)) }),
    authorize: () => Promise.resolve(headers),
    namespace: config.namespace,
    ...{ timeoutMs, onMalformed, onWarning },
  });
};
