import { readFile, writeFile } from 'node:fs/promises';

import { apiServer } from '../cluster.ts';
import { certificate, privateKey } from './authority.ts';

/** Writes a kubeconfig that holds its certificates, so that it is one file wherever it is copied. */
export async function writeKubeconfig(identity: string, file: string): Promise<void> {
  const base64 = async (path: string): Promise<string> => (await readFile(path)).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'lab', cluster: { server: apiServer, 'certificate-authority-data': await base64(certificate('ca')) } },
    ],
    users: [
      {
        name: identity,
        user: {
          'client-certificate-data': await base64(certificate(identity)),
          'client-key-data': await base64(privateKey(identity)),
        },
      },
    ],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: identity } }],
    'current-context': 'lab',
  };
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}
