import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Node } from '../../api/pod.ts';
import { agentUser } from '../../certs/agent-request-check.ts';
import { obtainAgentCertificate } from '../../certs/agent-certificate.ts';
import { certificatesIn, isSignedBy } from '../../certs/inspect.ts';
import { type Issued, issueAuthority } from '../../certs/issue.ts';
import { FakeClock, settle } from '../../clock/fake-clock.ts';
import {
  configMaps,
  mutatingWebhookConfigurations,
  secrets,
  signingRequests,
  validatingWebhookConfigurations,
} from '../../kube/builtin-resources.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { lookupOf } from '../../kube/fake-lookup.ts';
import { silentLog } from '../../log/log.ts';
import { Certificates } from './certificates.ts';

const signal = new AbortController().signal;
const day = 86_400_000;
const namespace = 'transship-system';

const node: Node = {
  metadata: { name: 'n1', uid: 'n1', resourceVersion: '1' },
  status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
};

let own: Issued;
let api: FakeApi;
let clock: FakeClock;
let certificates: Certificates;

beforeAll(async () => {
  own = await issueAuthority(Date.parse('2026-01-01T00:00:00Z'));
});
beforeEach(() => {
  clock = new FakeClock();
  api = new FakeApi(() => clock.now());
  certificates = new Certificates({ api, nodes: lookupOf(node), clock, random: () => 0.5, log: silentLog });
  for (const resource of [validatingWebhookConfigurations, mutatingWebhookConfigurations]) {
    api.put(resource, {
      metadata: { name: 'transship' },
      webhooks: [{ name: 'a', rules: [{ x: 1 }], clientConfig: { service: { name: 'transship' } } }],
    });
  }
});

const text = async (name: string, key: string): Promise<string> =>
  Buffer.from((await api.get(secrets, { namespace, name })).data?.[key] ?? '', 'base64').toString();
const trust = async (): Promise<string> =>
  (await api.get(configMaps, { namespace, name: 'transship-trust' })).data?.['ca.crt'] ?? '';

describe('the certificates of a cluster', () => {
  it('are all made the first time, and written where they are read', async () => {
    await certificates.tend(signal);
    const [webhook] = certificatesIn(await text('transship-webhook-tls', 'tls.crt'));
    expect(webhook && isSignedBy(webhook, await trust())).toBe(true);
    const { webhooks } = await api.get(validatingWebhookConfigurations, { name: 'transship' });
    expect(webhooks).toEqual([
      {
        name: 'a',
        rules: [{ x: 1 }],
        clientConfig: { service: { name: 'transship' }, caBundle: Buffer.from(await trust()).toString('base64') },
      },
    ]);
    expect(
      (await api.get(mutatingWebhookConfigurations, { name: 'transship' })).webhooks?.[0]?.clientConfig.caBundle,
    ).toBeDefined();
  });

  it('are left alone while they are good', async () => {
    await certificates.tend(signal);
    const before = api.store.version;
    await clock.advance(4 * day);
    await certificates.tend(signal);
    expect(api.store.version).toBe(before);
  });

  it('are renewed at two thirds of their life, by the same authority', async () => {
    await certificates.tend(signal);
    const before = [await text('transship-webhook-tls', 'tls.crt'), await trust()];
    await clock.advance(5 * day);
    await certificates.tend(signal);
    expect(await text('transship-webhook-tls', 'tls.crt')).not.toBe(before[0]);
    expect(await trust()).toBe(before[1]);
  });

  it('get a new authority that is believed before it signs, and an old one that is believed until it ends', async () => {
    await certificates.tend(signal);
    const old = await trust();
    await clock.advance(245 * day);
    await certificates.tend(signal);
    expect(certificatesIn(await trust())).toHaveLength(2);
    const [first] = certificatesIn(await text('transship-webhook-tls', 'tls.crt'));
    expect(first && isSignedBy(first, old)).toBe(true);

    await clock.advance(day);
    await certificates.tend(signal);
    expect(certificatesIn(await trust())).toHaveLength(2);
    const [second] = certificatesIn(await text('transship-webhook-tls', 'tls.crt'));
    expect(second && isSignedBy(second, old)).toBe(false);
    expect(second && isSignedBy(second, await trust())).toBe(true);

    await clock.advance(120 * day);
    await certificates.tend(signal);
    expect(certificatesIn(await trust())).toHaveLength(1);
  });

  it('are signed by an authority that the user has brought', async () => {
    const data = {
      'tls.crt': Buffer.from(own.certPem).toString('base64'),
      'tls.key': Buffer.from(own.keyPem).toString('base64'),
    };
    api.put(secrets, {
      metadata: { name: 'transship-ca', namespace, labels: { 'transship.dev/rotation': 'disabled' } },
      data,
    });
    await certificates.tend(signal);
    expect((await trust()).trim()).toBe(own.certPem.trim());
    expect(await text('transship-ca', 'tls.crt')).toBe(own.certPem);
  });

  it('are not replaced when the user has brought something that cannot be used', async () => {
    api.put(secrets, {
      metadata: { name: 'transship-ca', namespace },
      data: { 'tls.crt': 'cnViYmlzaA==', 'tls.key': '' },
    });
    await expect(certificates.tend(signal)).rejects.toThrow(
      'Secret transship-system/transship-ca cannot be used: tls.crt holds no certificate',
    );
    expect(await text('transship-ca', 'tls.crt')).toBe('rubbish');
  });

  it('reach an agent that asks for its own node, and are denied to others with the reason', async () => {
    const stop = new AbortController();
    const running = certificates.run(stop.signal);
    api.intercept(({ verb, plural, body }) => {
      if (verb !== 'create' || plural !== 'certificatesigningrequests') return;
      // What the API server puts into the request about who asks.
      Object.assign((body as { spec: object }).spec, {
        username: agentUser,
        extra: { 'authentication.kubernetes.io/node-name': ['n1'] },
      });
    });
    const asking = obtainAgentCertificate({ api, nodeName: 'n1', ip: '10.0.0.1', clock, signal: stop.signal });
    const lying = obtainAgentCertificate({ api, nodeName: 'n2', ip: '10.0.0.1', clock, signal: stop.signal }).catch(
      (error: unknown) => String(error),
    );
    for (
      let turn = 0;
      turn < 40 && (await api.list(signingRequests)).items.filter((r) => r.status).length < 2;
      turn += 1
    ) {
      await new Promise((resolve) => setTimeout(resolve, 50)); // keys are made by other threads, which no fake clock waits for
      await clock.advance(1_000);
    }
    await clock.advance(2_000);
    const identity = await asking;
    expect(identity.caPem).toBe(await trust());
    expect(identity.notAfter).toBeGreaterThan(clock.now() + 6 * day);
    expect(await lying).toContain(
      'the certificate was refused: the token of the requester is bound to node n1, the request is for node n2',
    );
    stop.abort(new Error('over'));
    await settle();
    await running;
  });
});
