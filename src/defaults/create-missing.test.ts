import { describe, expect, it } from 'vitest';
import { ipPools } from '../api/resource.ts';
import { FakeClock } from '../clock/fake-clock.ts';
import { ApiError } from '../kube/api-error.ts';
import { FakeApi } from '../kube/fake-api.ts';
import { silentLog } from '../log/log.ts';
import { createMissing, defaultsIn } from './create-missing.ts';

const pool =
  'apiVersion: transship.dev/v1alpha1\nkind: IPPool\nmetadata: { name: default }\nspec: { cidr: 10.245.0.0/16 }\n';

const notServed = (): never => {
  throw new ApiError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' });
};

describe('a file of defaults', () => {
  it('may hold several objects, and empty documents', () => {
    expect(defaultsIn('a.yaml', `---\n# nothing\n---\n${pool}---\n${pool}`).map(({ kind }) => kind)).toEqual([
      'IPPool',
      'IPPool',
    ]);
  });

  it.each([
    ['is no YAML', 'a: [', /^a\.yaml: /],
    [
      'holds another kind',
      'apiVersion: transship.dev/v1alpha1\nkind: Migration\nmetadata: { name: a }',
      /^a\.yaml: kind: /,
    ],
    ['holds another API', 'apiVersion: v1\nkind: IPPool\nmetadata: { name: a }', /^a\.yaml: apiVersion: /],
    ['lacks a name', 'apiVersion: transship.dev/v1alpha1\nkind: IPPool\nmetadata: {}', /^a\.yaml: metadata\.name: /],
  ])('that %s is refused with its name', (_case, text, message) => {
    expect(() => defaultsIn('a.yaml', text)).toThrow(message);
  });
});

describe('creating what is missing', () => {
  const create = (api: FakeApi, clock = new FakeClock()): Promise<void> =>
    createMissing(defaultsIn('a.yaml', pool), { api, clock, log: silentLog }, new AbortController().signal);

  it('creates it', async () => {
    const api = new FakeApi();
    await create(api);
    expect((await api.get(ipPools, { name: 'default' })).spec.cidr).toBe('10.245.0.0/16');
  });

  it('leaves what exists', async () => {
    const api = new FakeApi();
    api.put(ipPools, { metadata: { name: 'default' }, spec: { cidr: '10.1.0.0/16' } });
    await create(api);
    expect((await api.get(ipPools, { name: 'default' })).spec.cidr).toBe('10.1.0.0/16');
  });

  it('waits for the kind to be served', async () => {
    const api = new FakeApi();
    let refusals = 2;
    api.intercept(() => {
      if (refusals-- > 0) notServed();
    });
    const clock = new FakeClock();
    const created = create(api, clock);
    await clock.advance(3_000);
    await created;
    expect(api.requests).toHaveLength(3);
  });

  it('gives up in the end', async () => {
    const api = new FakeApi();
    api.intercept(notServed);
    const clock = new FakeClock();
    const created = expect(create(api, clock)).rejects.toThrow('could not find the requested resource');
    await clock.advance(61_000);
    await created;
  });
});
