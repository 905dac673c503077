import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';

import { apiServer } from './cluster.ts';
import { certificate, privateKey } from './pki/authority.ts';

/** The few questions that the lab asks its API server as administrator; a client library would start slower than the lab. */

interface Node {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly podCIDR?: string; readonly unschedulable?: boolean };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export interface NodeState {
  readonly name: string;
  readonly ready: boolean;
  readonly cordoned: boolean;
  readonly podCidr: string | undefined;
}

export async function apiReady(): Promise<boolean> {
  return (await ask('GET', '/readyz')) === 'ok';
}

export async function nodeStates(): Promise<readonly NodeState[]> {
  const list = JSON.parse(await ask('GET', '/api/v1/nodes')) as { readonly items: readonly Node[] };
  return list.items.map(({ metadata, spec, status }) => ({
    name: metadata.name,
    ready: status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
    cordoned: spec.unschedulable ?? false,
    podCidr: spec.podCIDR,
  }));
}

export async function labelNode(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  await ask('PATCH', `/api/v1/nodes/${name}`, JSON.stringify({ metadata: { labels } }));
}

/** Makes an object, or makes it what it is to be. The API server finds it by its path, so it is to have that name. */
export async function applyObject(path: string, object: object): Promise<void> {
  await ask('PATCH', `${path}?fieldManager=lab&force=true`, JSON.stringify(object), 'application/apply-patch+yaml');
}

const timeoutMs = 5_000;

async function ask(
  method: string,
  path: string,
  body?: string,
  type = 'application/merge-patch+json',
): Promise<string> {
  const [ca, cert, key] = await Promise.all([certificate('ca'), certificate('admin'), privateKey('admin')].map(read));
  const agent = new Agent({ ca, cert, key });
  const headers = body === undefined ? {} : { 'content-type': type };
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = request(`${apiServer}${path}`, { method, agent, headers, timeout: timeoutMs }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const status = response.statusCode ?? 0;
      if (status < 300) resolve(text);
      else reject(new Error(`the API server answered ${method} ${path} with ${String(status)}: ${text.slice(0, 500)}`));
    });
  });
  sent.on('timeout', () => sent.destroy(new Error(`the API server did not answer ${method} ${path} within 5 s`)));
  sent.on('error', reject);
  sent.end(body);
  try {
    return await promise;
  } finally {
    agent.destroy();
  }
}

const read = (file: string): Promise<Buffer> => readFile(file);
