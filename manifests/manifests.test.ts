import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { network } from '../lab/cluster.ts';
import { answerSeconds } from '../src/admission/eviction/table.ts';
import { customResourceDefinitions } from '../src/api/crd.ts';
import { systemNamespace, untouchedNamespaces } from '../src/api/group.ts';
import { builtInPolicy, migrationPolicySpec } from '../src/api/migration-policy.ts';
import { decommissionedTaint, runtimeClass, schedulerName } from '../src/api/names.ts';
import { defaultsIn } from '../src/defaults/create-missing.ts';

const textOf = (...path: string[]): string => readFileSync(join(import.meta.dirname, ...path), 'utf8');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly handler?: string;
  readonly webhooks?: readonly {
    readonly failurePolicy: string;
    readonly timeoutSeconds: number;
    readonly rules: readonly { readonly scope: 'Namespaced' | 'Cluster' }[];
    readonly matchConditions: readonly { readonly expression: string }[];
    readonly namespaceSelector?: { readonly matchExpressions: readonly { readonly values: readonly string[] }[] };
  }[];
}

const documentsIn = (...path: string[]): readonly Manifest[] =>
  parseAllDocuments(textOf(...path)).map((document) => document.toJS() as Manifest);

it('the CustomResourceDefinitions are those of src/api (else: node manifests/generate.ts)', () => {
  const written = new Map(
    readdirSync(join(import.meta.dirname, 'base', 'crds')).map((name) => [
      name,
      parse(textOf('base', 'crds', name)) as unknown,
    ]),
  );
  expect(written).toEqual(customResourceDefinitions());
});

describe('the defaults', () => {
  it('can be read, every file of them', () => {
    expect(defaultsIn('pool.yaml', textOf('overlays', 'lab', 'pool.yaml'))).toHaveLength(1);
    expect(defaultsIn('policy.yaml', textOf('base', 'defaults', 'policy.yaml'))).toHaveLength(1);
  });

  it('say what is built in', () => {
    const [policy] = defaultsIn('policy.yaml', textOf('base', 'defaults', 'policy.yaml'));
    expect(migrationPolicySpec.parse(policy?.['spec'])).toEqual(builtInPolicy);
  });
});

describe('names that the code knows', () => {
  it('the taint of a decommissioned node', () => {
    const expressions = documentsIn('base', 'controller', 'webhooks.yaml')
      .flatMap(({ webhooks = [] }) => webhooks)
      .flatMap(({ matchConditions }) => matchConditions.map(({ expression }) => expression));
    expect(expressions.join()).toContain(`taint.key == "${decommissionedTaint}"`);
  });

  it('the RuntimeClass and its handler', () => {
    const [found] = documentsIn('base', 'runtime-class.yaml');
    expect([found?.metadata.name, found?.handler]).toEqual([runtimeClass, runtimeClass]);
  });

  it("the scheduler's profile", () => {
    const config = parse(textOf('base', 'scheduler', 'config.yaml')) as {
      profiles: readonly { schedulerName: string }[];
    };
    expect(config.profiles.map((profile) => profile.schedulerName)).toEqual([schedulerName]);
  });

  it('the namespace', () => {
    expect(documentsIn('base', 'namespace.yaml')[0]?.metadata.name).toBe(systemNamespace);
  });
});

it.each(documentsIn('base', 'controller', 'webhooks.yaml'))(
  '$kind never stands in the way of the cluster or of ourselves',
  ({ webhooks = [] }) => {
    expect(webhooks).not.toEqual([]);
    for (const { failurePolicy, timeoutSeconds, rules, matchConditions, namespaceSelector } of webhooks) {
      expect(failurePolicy).toBe('Ignore');
      expect(matchConditions).not.toEqual([]);
      const isOfCluster = rules.some(({ scope }) => scope === 'Cluster');
      const passedBy = namespaceSelector?.matchExpressions.flatMap(({ values }) => values);
      expect(timeoutSeconds).toBeLessThanOrEqual(isOfCluster ? 1 : answerSeconds);
      expect(passedBy).toEqual(isOfCluster ? undefined : untouchedNamespaces);
    }
  },
);

it('one version everywhere', () => {
  const { version } = JSON.parse(textOf('..', 'package.json')) as { version: string };
  for (const file of ['base', 'overlays/uninstall']) {
    const { images } = parse(textOf(file, 'kustomization.yaml')) as { images: readonly { newTag: string }[] };
    expect(images.map(({ newTag }) => newTag)).toEqual([version]);
  }
  expect(textOf('..', 'image', 'build.ts')).toContain(`ghcr.io/transship/transship:${version}`);
});

describe('the fail points', () => {
  const filesThatNameThem = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml') && textOf(path).includes('TRANSSHIP_FAULT'))
    .sort();

  it('are switched on by the overlay of the tests of faults and by nothing else', () => {
    expect(filesThatNameThem).toEqual(['overlays/fault/agent.yaml', 'overlays/fault/controller.yaml']);
  });

  it('ask the host of the lab', () => {
    for (const file of filesThatNameThem) expect(textOf(file)).toContain(`http://${network.hostAddress}:7077`);
  });
});

it('EvictionRequests are responded to where an overlay asks for that, and nowhere else', () => {
  const naming = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.yaml') && textOf(path).includes('TRANSSHIP_EVICTION_REQUESTS'),
  );
  expect(naming).toEqual(['components/eviction-requests/controller.yaml']);
});
