import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { apiServer } from '../../lab/cluster.ts';
import { certificate, privateKey } from '../../lab/pki/authority.ts';
import { until } from '../../lab/wait.ts';
import { kubectl } from './kubectl.ts';

/** Who asks: the administrator, somebody whom the administrator impersonates, or whoever has a token. */
export type Identity =
  { readonly user?: undefined } | { readonly user: string; readonly node?: string } | { readonly token: string };

export const administrator: Identity = {};

const serviceAccount = (name: string): string => `system:serviceaccount:transship-system:transship-${name}`;

export const theController: Identity = { user: serviceAccount('controller') };

/** The agent of a node, which need not exist; without one, somebody who has a token of the account that is of no pod. */
export const agentOf = (node?: string): Identity => ({
  user: serviceAccount('agent'),
  ...(node !== undefined && { node }),
});

/** The very token that the kubelet has given to the agent of a node. */
export const tokenOfAgent = async (node: string): Promise<Identity> => {
  const agents = ['-l', 'app.kubernetes.io/component=agent', '--field-selector', `spec.nodeName=${node}`];
  const pod = await kubectl('get', 'pods', '-n', 'transship-system', ...agents, '-o', 'name');
  const path = '/var/run/secrets/kubernetes.io/serviceaccount/token';
  return { token: await kubectl('exec', '-n', 'transship-system', pod.trim(), '-c', 'agent', '--', 'cat', path) };
};

export interface Answer {
  readonly code: number;
  /** What the API server said, when it refused. */
  readonly message: string;
  /** The warnings that came along, as their header has them. */
  readonly warnings: string;
  readonly object: unknown;
}

/** The API server, asked over one connection an identity. */
export interface Api extends AsyncDisposable {
  readonly post: (identity: Identity, path: string, object: object) => Promise<Answer>;
  /** A merge patch. */
  readonly patch: (identity: Identity, path: string, patch: object) => Promise<Answer>;
}

const headersOf = (identity: Identity): Record<string, string> => {
  if ('token' in identity) return { authorization: `Bearer ${identity.token}` };
  if (identity.user === undefined) return {};
  const node = 'node' in identity ? identity.node : undefined;
  return {
    'impersonate-user': identity.user,
    ...(node !== undefined && { 'impersonate-extra-authentication.kubernetes.io%2fnode-name': node }),
  };
};

const limitMs = 10_000;

export const openApi = async (): Promise<Api> => {
  const [ca, cert, key] = await Promise.all(
    [certificate('ca'), certificate('admin'), privateKey('admin')].map((path) => readFile(path)),
  );
  const asAdministrator = new Agent({ ca, cert, key, keepAlive: true });
  const asNobody = new Agent({ ca, keepAlive: true });
  const ask = (method: string, identity: Identity, path: string, object: object): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const sentHeaders = {
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      ...headersOf(identity),
    };
    const agent = 'token' in identity ? asNobody : asAdministrator;
    const sent = request(
      `${apiServer}${path}`,
      { method, agent, headers: sentHeaders, timeout: limitMs },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answered = JSON.parse(Buffer.concat(chunks).toString()) as { readonly message?: string };
          const { statusCode: code = 0, headers } = response;
          resolve({ code, message: answered.message ?? '', warnings: headers.warning ?? '', object: answered });
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.on('error', reject);
    sent.end(JSON.stringify(object));
    return promise;
  };
  return {
    post: (identity, path, object) => ask('POST', identity, path, object),
    patch: (identity, path, patch) => ask('PATCH', identity, path, patch),
    [Symbol.asyncDispose]() {
      asAdministrator.destroy();
      asNobody.destroy();
      return Promise.resolve();
    },
  };
};

/** A policy is active a moment after it has been applied: until then what it forbids goes through, so try it out dryly. */
export const untilRefused = (attempt: () => Promise<Answer>): Promise<true> =>
  until({ what: 'the admission policies to be active', timeoutMs: 30_000 }, async () =>
    (await attempt()).code === 403 ? true : undefined,
  );
