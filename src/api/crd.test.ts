import { describe, expect, it } from 'vitest';
import { customResourceDefinitions } from './crd.ts';
import { isCommitted, phases } from './phase.ts';
import type { Schema } from './structural-schema.ts';

interface Definition {
  readonly spec: {
    readonly scope: string;
    readonly versions: readonly {
      readonly subresources?: object;
      readonly additionalPrinterColumns: readonly { name: string; jsonPath: string; priority?: number }[];
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

const versionOf = (name: string): Definition['spec']['versions'][number] => {
  const definition = customResourceDefinitions().get(`${name}.yaml`) as Definition | undefined;
  const found = definition?.spec.versions[0];
  if (!found) throw new Error(`there is no definition of ${name}`);
  return found;
};

const names = [...customResourceDefinitions().keys()].map((file) => file.replace('.yaml', ''));

/** Every schema of a definition, with the path that leads to it. */
const schemasIn = (schema: Schema, path: string): [string, Schema][] => [
  [path, schema],
  ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => schemasIn(inner, `${path}.${name}`)),
  ...(schema.items ? schemasIn(schema.items, `${path}[]`) : []),
  ...(typeof schema.additionalProperties === 'object' ? schemasIn(schema.additionalProperties, `${path}{}`) : []),
];

describe.each(names)('%s', (name) => {
  const { schema, additionalPrinterColumns } = versionOf(name);
  const all = schemasIn(schema.openAPIV3Schema, '');

  it('is structural: each schema has a type and none of what CustomResourceDefinitions forbid', () => {
    const wrong = all.filter(([, { type }]) => type === undefined).map(([path]) => path);
    const foreign = all.flatMap(([path, found]) =>
      Object.keys(found)
        .filter((keyword) => !allowed.has(keyword))
        .map((keyword) => `${path} ${keyword}`),
    );
    expect([...wrong, ...foreign]).toEqual([]);
  });

  it('shows columns that exist', () => {
    const paths = new Set([...all.map(([path]) => path), '.metadata.creationTimestamp']);
    expect(additionalPrinterColumns.map(({ jsonPath }) => jsonPath).filter((path) => !paths.has(path))).toEqual([]);
  });
});

const allowed = new Set([
  ...['type', 'format', 'description', 'default', 'enum', 'properties', 'additionalProperties', 'items', 'required'],
  ...['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'pattern', 'x-kubernetes-validations'],
  ...['x-kubernetes-list-type', 'x-kubernetes-list-map-keys'],
]);

const rulesOf = (schema: Schema | undefined): readonly { readonly rule: string; readonly message: string }[] =>
  (schema?.['x-kubernetes-validations'] ?? []) as readonly { rule: string; message: string }[];

describe('a Migration', () => {
  it('shows what a drain is waiting for in a line', () => {
    const shown = versionOf('migrations').additionalPrinterColumns.filter(({ priority }) => priority === undefined);
    expect(shown.map(({ name }) => name)).toEqual(['Target', 'Phase', 'Freeze', 'Age']);
  });

  it('needs nothing but the name of a pod', () => {
    const spec = versionOf('migrations').schema.openAPIV3Schema.properties?.['spec'];
    expect(spec?.required).toEqual(['podName']);
    expect(spec?.properties?.['deadlineSeconds']).toMatchObject({ default: 600, minimum: 10, maximum: 86_400 });
  });

  it('cannot be changed, but for being cancelled', () => {
    const spec = versionOf('migrations').schema.openAPIV3Schema.properties?.['spec'];
    const rules = rulesOf(spec);
    const kept = Object.keys(spec?.properties ?? {}).filter((field) =>
      rules.some(({ rule }) => rule.includes(`self.${field} == oldSelf.${field}`)),
    );
    expect(kept).toEqual(['podName', 'podUID', 'targetNodeName', 'trigger', 'deadlineSeconds']);
  });

  it('cannot be cancelled once it has committed, whatever came of it then', () => {
    const [rule] = rulesOf(versionOf('migrations').schema.openAPIV3Schema);
    expect(rule?.rule).toContain(`self.status.phase in ${JSON.stringify(phases.filter(isCommitted))}`);
    expect(rule?.message).toMatch(/^the move has committed: /);
  });
});

describe('a MigrationPolicy', () => {
  const spec = versionOf('migrationpolicies').schema.openAPIV3Schema.properties?.['spec'];

  it('need say nothing: each field has a default, and without selectors it holds for all pods', () => {
    const withoutDefault = Object.entries(spec?.properties ?? {}).filter(([, field]) => field['default'] === undefined);
    expect(spec?.required).toBeUndefined();
    expect(withoutDefault.map(([name]) => name)).toEqual(['namespaceSelector', 'podSelector', 'hooks']);
  });

  it.each(['namespaceSelector', 'podSelector'])('is refused when an expression of its %s is half written', (field) => {
    const [rule] = rulesOf(spec).filter((each) => each.message.startsWith(`${field}.matchExpressions: `));
    expect(rule?.rule).toBe(
      `!has(self.${field}) || !has(self.${field}.matchExpressions) || self.${field}.matchExpressions.all(e, (e.operator in ["In","NotIn"]) == (has(e.values) && size(e.values) > 0))`,
    );
  });

  it('has lists that are bounded, so that the API server can bound what the rules cost', () => {
    const lists = schemasIn(spec ?? {}, '').filter(([, { type }]) => type === 'array');
    expect(lists).toHaveLength(8);
    expect(lists.filter(([, { maxItems }]) => maxItems === undefined)).toEqual([]);
  });
});

describe('an IPPool', () => {
  const spec = versionOf('ippools').schema.openAPIV3Schema.properties?.['spec'];

  it('needs nothing but a range, which may change', () => {
    expect(spec?.required).toEqual(['cidr']);
    expect(rulesOf(spec).filter(({ rule }) => rule.includes('oldSelf'))).toEqual([]);
  });

  it('is refused when its range is none, and says which it could be', () => {
    const messages = rulesOf(spec).map(({ message }) => message);
    expect(messages.filter((message) => message.startsWith('cidr must be '))).toHaveLength(3);
    expect(messages.filter((message) => message.startsWith('reserved must be '))).toHaveLength(1);
  });

  it('has lists and texts that are bounded, so that the API server can bound what the rules cost', () => {
    const reserved = spec?.properties?.['reserved'];
    expect(reserved).toMatchObject({ maxItems: 64, items: { maxLength: 18 } });
    expect(spec?.properties?.['cidr']).toMatchObject({ maxLength: 18 });
  });
});

it('a lease has the name of its address, so that there is one lease of an address', () => {
  const [rule] = rulesOf(versionOf('ipleases').schema.openAPIV3Schema);
  expect(rule?.rule).toBe('self.metadata.name == self.spec.ip');
});

it('only kinds whose status is written by others have it as a subresource', () => {
  expect(names.filter((name) => versionOf(name).subresources)).toEqual(['migrations', 'migrationnodes', 'ippools']);
});
