import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { pkiFolder } from '../cluster.ts';
import { run } from '../process.ts';

export interface Identity {
  /** Name of the files: NAME.crt and NAME.key. */
  readonly name: string;
  readonly commonName: string;
  readonly organization?: string;
  /** Names and addresses of a server, as `DNS:localhost` or `IP:127.0.0.1`. */
  readonly serves?: readonly string[];
}

export const certificate = (name: string): string => join(pkiFolder, `${name}.crt`);
export const privateKey = (name: string): string => join(pkiFolder, `${name}.key`);

const days = '3650';
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** The cluster's certificate authority and the key that signs its service accounts' tokens. */
export async function makeAuthority(): Promise<void> {
  await mkdir(pkiFolder, { recursive: true, mode: 0o700 });
  const config = await extensions('ca', ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']);
  const files = ['-keyout', privateKey('ca'), '-out', certificate('ca')];
  await run('openssl', [
    'req',
    '-x509',
    ...newKey,
    '-days',
    days,
    '-subj',
    '/CN=transship-lab',
    ...files,
    '-config',
    config,
  ]);
  const key = privateKey('service-account');
  await run('openssl', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', key]);
  await run('openssl', ['pkey', '-in', key, '-pubout', '-out', join(pkiFolder, 'service-account.pub')]);
}

export async function issue(identity: Identity): Promise<void> {
  const { name, commonName, organization, serves } = identity;
  const usages = serves ? 'serverAuth,clientAuth' : 'clientAuth';
  const config = await extensions(name, [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    `extendedKeyUsage=${usages}`,
    ...(serves ? [`subjectAltName=${serves.join(',')}`] : []),
  ]);
  const subject = `${organization === undefined ? '' : `/O=${organization}`}/CN=${commonName}`;
  const issuer = ['-CA', certificate('ca'), '-CAkey', privateKey('ca')];
  const files = ['-keyout', privateKey(name), '-out', certificate(name)];
  await run('openssl', [
    'req',
    '-x509',
    ...newKey,
    '-days',
    days,
    '-subj',
    subject,
    ...issuer,
    ...files,
    '-config',
    config,
  ]);
}

/** openssl adds extensions of its own to a request without a configuration of ours. */
async function extensions(name: string, lines: readonly string[]): Promise<string> {
  const file = join(pkiFolder, `${name}.cnf`);
  await writeFile(
    file,
    ['[req]', 'distinguished_name=dn', 'x509_extensions=ext', '[dn]', '[ext]', ...lines, ''].join('\n'),
  );
  return file;
}
