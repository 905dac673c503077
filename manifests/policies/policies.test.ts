import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { next, phases } from '../../src/api/phase.ts';
import { enteredBy } from '../../src/api/phase-writer.ts';
import { policyFiles } from './all.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
  readonly spec: {
    readonly policyName?: string;
    readonly validationActions?: readonly string[];
    readonly failurePolicy?: string;
    readonly matchConditions?: readonly { readonly expression: string }[];
    readonly variables?: readonly { readonly name: string; readonly expression: string }[];
    readonly validations?: readonly {
      readonly message?: string;
      readonly messageExpression?: string;
      readonly reason: string;
    }[];
  };
}

const base = join(import.meta.dirname, '..', 'base');
const documentsIn = (...path: string[]): readonly Manifest[] =>
  parseAllDocuments(readFileSync(join(base, ...path), 'utf8')).map((document) => document.toJS() as Manifest);

const written = new Map(readdirSync(join(base, 'policies')).map((name) => [name, documentsIn('policies', name)]));
const all = [...written.values()].flat();
const policies = all.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
const bindings = all.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');

it('the policies are those of manifests/policies (else: node manifests/generate.ts), and are installed', () => {
  expect(written).toEqual(new Map([...policyFiles()].map(([name, { documents }]) => [name, documents])));
  const { resources } = parse(readFileSync(join(base, 'kustomization.yaml'), 'utf8')) as { resources: string[] };
  expect(resources).toEqual(expect.arrayContaining([...written.keys()].map((name) => `policies/${name}`)));
});

describe.each(policies)('$metadata.name', ({ metadata: { name }, spec }) => {
  it('denies, also when it cannot be evaluated', () => {
    expect(spec.failurePolicy).toBe('Fail');
    const binding = bindings.find(({ spec: { policyName } }) => policyName === name);
    expect(binding?.spec.validationActions).toEqual(['Deny']);
  });

  it('says why, each time', () => {
    for (const { message, messageExpression, reason } of spec.validations ?? []) {
      expect([message, messageExpression].filter((said) => said !== undefined)).toHaveLength(1);
      expect(reason).toBe('Forbidden');
    }
  });
});

describe("the record's policy", () => {
  const variables = policies.find(({ metadata }) => metadata.name === 'migration-status.transship.dev')?.spec.variables;

  it.each([
    ['followers', next],
    ['writers', enteredBy],
  ])('has the %s of every phase from src/api', (name, table) => {
    const expression = variables?.find((variable) => variable.name === name)?.expression ?? '';
    const literal = expression.slice(0, expression.lastIndexOf('['));
    expect(JSON.parse(literal)).toEqual(table);
    expect(Object.keys(table)).toEqual([...phases]);
  });
});

it.each([
  ['controller', ['controller', 'access.yaml']],
  ['agent', ['agent', 'access.yaml']],
])('the service account of the %s that policies name is the one that it has', (account, path) => {
  const [found] = documentsIn(...path);
  expect(found).toMatchObject({ kind: 'ServiceAccount', metadata: { name: `transship-${account}` } });
  const user = `system:serviceaccount:${found?.metadata.namespace ?? ''}:transship-${account}`;
  expect(JSON.stringify(policies)).toContain(`'${user}'`);
});

it('no role of users may write the status of a Migration', () => {
  const granted = documentsIn('access', 'users.yaml').flatMap(({ rules = [] }) => rules);
  expect(granted).not.toEqual([]);
  expect(granted.flatMap(({ resources }) => resources).filter((resource) => /status|\*/.test(resource))).toEqual([]);
});
