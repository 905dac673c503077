import { beforeEach, describe, expect, it } from 'vitest';
import { migrationWith, podWith } from '../api/pod-fixture.ts';
import { migrationNodes, migrationPolicies, migrations, pods } from '../api/resource.ts';
import { FakeClock } from '../clock/fake-clock.ts';
import { ApiError } from '../kube/api-error.ts';
import { namespaces } from '../kube/builtin-resources.ts';
import { FakeApi } from '../kube/fake-api.ts';
import { agentOf } from '../scheduling/node-fixture.ts';
import { runCommandLine } from './program.ts';

let api: FakeApi;
let clock: FakeClock;
let out: string[];
let err: string[];

beforeEach(() => {
  api = new FakeApi();
  clock = new FakeClock();
  out = [];
  err = [];
});

const run = (...words: string[]): Promise<number> => {
  const terminal = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const connect = ({ namespace = 'shop' }: { namespace?: string | undefined }) =>
    Promise.resolve({ api, namespace, terminal, clock, signal: new AbortController().signal });
  return runCommandLine(words, connect, terminal);
};

const migrationName = 'redis-1-uid1';

const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'redis', uid: 'rs', controller: true };

describe('check', () => {
  it('tells every reason, what it means, and ends with 1', async () => {
    api.put(pods, podWith({ spec: { hostNetwork: true } }));
    expect(await run('check', 'redis-1')).toBe(1);
    expect(out[0]).toBe('pod/redis-1 in namespace shop cannot be moved:');
    expect(out.join('\n')).toMatch(/HostNetworkUsed: .*uses hostNetwork\n {4}The pod uses hostNetwork: its sockets/);
    expect(out.join('\n')).toContain('SourceNodeHasNoAgent: ');
  });

  describe('of a pod that can be moved', () => {
    const can = 'pod/redis-1 can be moved, as far as its specification tells; its processes are looked at when it is';
    beforeEach(() => {
      api.put(pods, podWith({ metadata: { labels: { app: 'redis' }, ownerReferences: [owner] } }));
      api.put(migrationNodes, agentOf('w1'));
    });
    const policy = (name: string, spec: object) => api.put(migrationPolicies, { metadata: { name }, spec });

    it('says which policy holds for it', async () => {
      policy('default', {});
      policy('strict', { podSelector: { matchLabels: { app: 'redis' } } });
      expect(await run('check', 'redis-1')).toBe(0);
      expect(out).toEqual([can, 'MigrationPolicy strict holds for it']);
    });

    it('knows the labels of its namespace', async () => {
      api.put(namespaces, { metadata: { name: 'shop', labels: { team: 'a' } } });
      policy('strict', { namespaceSelector: { matchLabels: { team: 'a' } } });
      await run('check', 'redis-1');
      expect(out).toEqual([can, 'MigrationPolicy strict holds for it']);
    });

    it('says so when the user may not know', async () => {
      api.intercept(({ plural }) => {
        if (plural === 'migrationpolicies') throw new ApiError({ code: 403, reason: 'Forbidden', message: 'no' });
      });
      expect(await run('check', 'redis-1')).toBe(0);
      expect(out[1]).toContain('cannot be told, because you may not read MigrationPolicies');
    });

    it('tells of policies of which none is more specific', async () => {
      policy('a', {});
      policy('b', {});
      expect(await run('check', 'redis-1')).toBe(1);
      expect(out[1]).toMatch(/^ {2}PolicyConflict: Pod shop\/redis-1 is selected by the MigrationPolicies a and b,/);
    });
  });

  it('says when there is no such pod', async () => {
    expect(await run('check', 'redis-2', '-n', 'other')).toBe(1);
    expect(err).toEqual(['error: there is no pod redis-2 in namespace other']);
  });
});

describe('migrate', () => {
  beforeEach(() => {
    api.put(pods, podWith());
  });

  it('creates the one Migration of the pod', async () => {
    expect(await run('migrate', 'redis-1', '--to', 'w2')).toBe(0);
    expect(out).toEqual([`migration.transship.dev/${migrationName} created`]);
    const made = await api.get(migrations, { namespace: 'shop', name: migrationName });
    expect(made.spec).toMatchObject({ podName: 'redis-1', podUID: 'uid-1', targetNodeName: 'w2', trigger: 'Request' });
  });

  it('joins a move that is under way', async () => {
    api.put(migrations, migrationWith({ status: { phase: 'Moving' } }));
    expect(await run('migrate', 'redis-1')).toBe(0);
    expect(out).toEqual([`migration.transship.dev/${migrationName} unchanged (Moving)`]);
  });

  it('says so when that one goes elsewhere', async () => {
    api.put(migrations, migrationWith());
    expect(await run('migrate', 'redis-1', '--to', 'w2')).toBe(1);
    expect(err).toEqual([
      `error: the pod is being moved by Migration ${migrationName} to a node that the scheduler chooses already`,
    ]);
  });

  it('names the way out when an earlier one has failed', async () => {
    api.put(migrations, migrationWith({ status: { phase: 'Failed', reason: 'NoNodeFits' } }));
    expect(await run('migrate', 'redis-1')).toBe(1);
    expect(err).toEqual([
      `error: Migration ${migrationName} of this pod has ended (Failed: NoNodeFits). To try again: kubectl delete migration -n shop ${migrationName}`,
    ]);
  });

  const waiting = async (status: object): Promise<number> => {
    const ended = run('migrate', 'redis-1', '--wait');
    await clock.advance(500);
    await api.patch(migrations, { namespace: 'shop', name: migrationName }, { status }, { subresource: 'status' });
    await clock.advance(500);
    return ended;
  };

  it('--wait tells each step and the result', async () => {
    const status = {
      phase: 'Succeeded',
      source: { nodeName: 'w1', podUID: 'uid-1' },
      target: { podName: 'redis-1-m1', nodeName: 'w2' },
      timings: { freezeMs: 210 },
    };
    expect(await waiting(status)).toBe(0);
    expect(err).toEqual(['Pending', 'Succeeded']);
    expect(out).toEqual([
      `migration.transship.dev/${migrationName} created`,
      'pod/redis-1 moved from w1 to w2 as pod/redis-1-m1, frozen for 210 ms',
    ]);
  });

  it('--wait ends with 1 when the move failed', async () => {
    expect(await waiting({ phase: 'Failed', reason: 'DumpFailed', message: 'no room' })).toBe(1);
    expect(err).toEqual(['Pending', 'Failed · DumpFailed · no room']);
  });
});

describe('list', () => {
  const at = (metadata: object, status?: object): void => {
    api.put(migrations, migrationWith({ metadata, ...(status && { status }) }));
  };

  it('shows one namespace, or all', async () => {
    at(
      { name: 'a', creationTimestamp: '2025-12-31T23:59:15Z' },
      {
        phase: 'Succeeded',
        source: { nodeName: 'w1', podUID: 'u' },
        target: { podName: 'p', nodeName: 'w2' },
        timings: { freezeMs: 210 },
      },
    );
    at({ name: 'b', namespace: 'other', creationTimestamp: '2025-12-31T20:00:00Z' });
    expect(await run('list')).toBe(0);
    expect(out).toEqual([
      'NAME   POD       SOURCE   TARGET   PHASE       FREEZE   AGE',
      'a      redis-1   w1       w2       Succeeded   210 ms   45s',
    ]);
    out = [];
    await run('list', '-A');
    expect(out).toHaveLength(3);
    expect(out[2]).toBe('other       b      redis-1                     Pending              4h');
  });

  it('says when there is none', async () => {
    expect(await run('list')).toBe(0);
    expect(err).toEqual(['No migrations found in shop namespace.']);
  });
});

describe('cancel', () => {
  it('asks for the move to be taken back', async () => {
    api.put(migrations, migrationWith());
    expect(await run('cancel', migrationName)).toBe(0);
    expect((await api.get(migrations, { namespace: 'shop', name: migrationName })).spec.cancel).toBe(true);
  });

  it('says when it is too late', async () => {
    api.put(migrations, migrationWith({ status: { phase: 'Committed' } }));
    expect(await run('cancel', migrationName)).toBe(1);
    expect(err).toEqual([`error: Migration ${migrationName} is Committed: there is nothing to take back any more`]);
  });

  it('says when there is none', async () => {
    expect(await run('cancel', 'x')).toBe(1);
    expect(err).toEqual(['error: there is no Migration x in namespace shop']);
  });
});

describe('what went wrong is told to the person at the terminal', () => {
  it.each([
    [
      'refused',
      new ApiError({ code: 403, reason: 'Forbidden', message: 'migrations is forbidden' }),
      'error: migrations is forbidden',
    ],
    [
      'not installed',
      new ApiError({ code: 404, reason: 'NotFound', message: 'no such resource\n' }),
      'error: no such resource. Is Transship installed in this cluster?',
    ],
    [
      'no kubeconfig',
      Object.assign(new Error("ENOENT: no such file, open '/x'"), { code: 'ENOENT' }),
      "error: cannot read the kubeconfig: ENOENT: no such file, open '/x'",
    ],
    [
      'not reached',
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      'error: cannot reach the API server: connect ECONNREFUSED. Is this the right --kubeconfig and --context?',
    ],
  ])('%s', async (_case, error, message) => {
    api.intercept(() => {
      throw error;
    });
    expect(await run('list')).toBe(1);
    expect(err).toEqual([message]);
  });

  it('a command line that is wrong ends with 2', async () => {
    expect(await run('migrate')).toBe(2);
    expect(err.join('\n')).toContain("missing required argument 'pod'");
  });

  it('help has examples and ends with 0', async () => {
    expect(await run('migrate', '--help')).toBe(0);
    expect(out.join('\n')).toContain('kubectl transship migrate redis-7d4b9 --to node-2 --wait');
    expect(out.join('\n')).toContain('Usage: kubectl transship migrate [options] <pod>');
  });
});
