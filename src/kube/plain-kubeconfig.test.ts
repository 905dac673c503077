import type https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { tlsOptions } from './plain-connection.ts';
import { plainKubeconfig } from './plain-kubeconfig.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface Changes {
  readonly cluster?: object;
  readonly user?: object;
  readonly context?: object;
  readonly top?: object;
}

const certificate = { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') };

const written = ({ cluster = {}, user = certificate, context = {}, top = {} }: Changes = {}): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    contexts: [
      { name: 'lab', context: { cluster: 'lab', user: 'admin', ...context } },
      { name: 'other', context: { cluster: 'lab', user: 'admin', namespace: 'other' } },
    ],
    clusters: [
      {
        name: 'lab',
        cluster: { server: 'https://10.0.0.1:6443', 'certificate-authority-data': base64('ca'), ...cluster },
      },
    ],
    users: [{ name: 'admin', user }],
    ...top,
  });

describe('a plain kubeconfig is read as client-node reads it', () => {
  const cases: [string, Changes][] = [
    ['with a certificate', {}],
    ['with a token', { user: { token: 'secret' } }],
    ['with both', { user: { ...certificate, token: 'secret' } }],
    ['with another name of the server', { cluster: { 'tls-server-name': 'api.example.com' } }],
    [
      'without verification',
      { cluster: { 'certificate-authority-data': undefined, 'insecure-skip-tls-verify': true } },
    ],
    ['with what other tools have added', { cluster: { extensions: [{ name: 'x', extension: {} }] } }],
  ];

  it.each(cases)('%s', async (_what, changes) => {
    const text = written(changes);
    const theirs = new KubeConfig();
    theirs.loadFromString(text);
    const applied: https.RequestOptions = { headers: {} };
    await theirs.applyToHTTPSOptions(applied);
    const ours = plainKubeconfig(text, '/');
    if (!ours) throw new Error('it was not understood');
    const { ca, cert, key, servername, rejectUnauthorized } = applied;
    const wanted = { ca, cert, key, servername, rejectUnauthorized };
    expect(JSON.parse(JSON.stringify(await tlsOptions(ours)))).toEqual(JSON.parse(JSON.stringify(wanted)));
    expect(ours.token === undefined ? {} : { Authorization: `Bearer ${ours.token}` }).toEqual(applied.headers);
    expect(ours.server.href).toBe(`${theirs.getCurrentCluster()?.server ?? ''}/`);
  });
});

it('another context may be asked for', () => {
  expect(plainKubeconfig(written(), '/', 'other')?.namespace).toBe('other');
  expect(plainKubeconfig(written({ context: { namespace: 'shop' } }), '/')?.namespace).toBe('shop');
});

it('files that it names stand beside it', () => {
  const cluster = { 'certificate-authority-data': undefined, 'certificate-authority': 'pki/ca.crt' };
  expect(plainKubeconfig(written({ cluster }), '/home/me/.kube')?.ca).toEqual({ file: '/home/me/.kube/pki/ca.crt' });
});

describe('it is left to client-node', () => {
  const double = { name: 'lab', cluster: { server: 'https://10.0.0.2:6443' } };
  it.each<[string, Changes]>([
    ['when a program has to be run', { user: { exec: { command: 'aws' } } }],
    ['when a provider has to be asked', { user: { 'auth-provider': { name: 'oidc' } } }],
    ['when another user is acted for', { user: { ...certificate, as: 'jane' } }],
    ['with a password', { user: { username: 'a', password: 'b' } }],
    ['with a file of the token', { user: { tokenFile: '/t' } }],
    ['with a certificate without its key', { user: { 'client-certificate-data': base64('cert') } }],
    ['through a proxy', { cluster: { 'proxy-url': 'socks5://localhost:1080' } }],
    ['without TLS', { cluster: { server: 'http://localhost:8080' } }],
    ['with a file and with data', { cluster: { 'certificate-authority': '/ca' } }],
    ['with a field that is newer than this', { cluster: { 'disable-compression': true } }],
    ['with two clusters of the name', { top: { clusters: [double, double] } }],
    ['without a current context', { top: { 'current-context': undefined } }],
    ['without its user', { top: { users: [] } }],
  ])('%s', (_what, changes) => {
    expect(plainKubeconfig(written(changes), '/')).toBeUndefined();
  });

  it.each(['', 'a: [', '[]', '{}'])('when it is no kubeconfig: %j', (text) => {
    expect(plainKubeconfig(text, '/')).toBeUndefined();
  });
});
