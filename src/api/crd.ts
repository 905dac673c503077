import type { z } from 'zod';
import { group, version } from './group.ts';
import { hookPoints } from './hook.ts';
import { migrationSpec } from './migration.ts';
import { isCommitted, phases } from './phase.ts';
import { type Column, printerColumns } from './printer-columns.ts';
import { ipLeases, ipPools, migrationNodes, migrationPolicies, migrations, type Resource } from './resource.ts';
import type { KubeObject } from './metadata.ts';
import { type Schema, structural } from './structural-schema.ts';

/*
 * The CustomResourceDefinitions, made from the zod schemas that our own code
 * reads the objects through: there is one description of each kind.
 * manifests/generate.ts writes them to manifests/base/crds.
 */

interface Rule {
  readonly rule: string;
  readonly message: string;
}

interface Kind {
  readonly resource: Resource<KubeObject>;
  readonly shortNames: readonly string[];
  readonly columns: readonly Column[];
  readonly hasStatus?: boolean;
  /** CEL, evaluated by the API server on `spec`. `oldSelf` makes a rule one about changes. */
  readonly specRules?: readonly Rule[];
  /** The same on the whole object; of its metadata a rule sees the name only. */
  readonly objectRules?: readonly Rule[];
}

/** An optional field may neither change, nor appear, nor disappear: a rule on the field itself would miss the last two. */
const unchanged = (field: string): string =>
  `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`;

/** CEL writes lists as JSON does. */
const celOf = (names: readonly string[]): string => JSON.stringify(names);

const fieldsBut = (schema: z.ZodObject, ...mutable: readonly string[]): readonly string[] =>
  Object.keys(schema.shape).filter((field) => !mutable.includes(field));

const migrationRules: readonly Rule[] = [
  ...fieldsBut(migrationSpec, 'cancel').map((field) => ({
    rule: unchanged(field),
    message: `${field} cannot be changed: a Migration is one move; create another one`,
  })),
  {
    rule: '!(has(oldSelf.cancel) && oldSelf.cancel) || (has(self.cancel) && self.cancel)',
    message: 'cancel cannot be taken back; create another Migration',
  },
];

/** The schema cannot say it: whether an expression has values depends on its operator. */
const wellFormed = (field: string): Rule => ({
  rule: [
    `!has(self.${field})`,
    `!has(self.${field}.matchExpressions)`,
    `self.${field}.matchExpressions.all(e, (e.operator in ${celOf(['In', 'NotIn'])}) == (has(e.values) && size(e.values) > 0))`,
  ].join(' || '),
  message: `${field}.matchExpressions: In and NotIn need at least one value, Exists and DoesNotExist take none`,
});

/** A hook that does nothing is a mistake, and of one that does two things it would not be said which has failed. */
const oneHandler = (point: string): Rule => {
  const hook = `self.hooks.${point}`;
  const handlers = ['exec', 'httpPost', 'http'].map((handler) => `has(${hook}.${handler})`);
  return {
    rule: `!has(self.hooks) || !has(${hook}) || [${handlers.join(', ')}].exists_one(given, given)`,
    message: `hooks.${point}: name one of exec, httpPost and http`,
  };
};

/** The record decides a race between a cancellation and the commit, so whoever comes second has to be told. */
const cancelledInTime: Rule = {
  rule: [
    '!(has(self.spec.cancel) && self.spec.cancel)',
    '(has(oldSelf.spec.cancel) && oldSelf.spec.cancel)',
    `!(has(self.status) && has(self.status.phase) && self.status.phase in ${celOf(phases.filter(isCommitted))})`,
  ].join(' || '),
  message: 'the move has committed: there is nothing to take back any more; status.message says what became of it',
};

/** From then on taking the move back would end the pod (src/migration/namesake/removal.ts). */
const cancelledBeforeRemoval: Rule = {
  rule: [
    '!(has(self.spec.cancel) && self.spec.cancel)',
    '(has(oldSelf.spec.cancel) && oldSelf.spec.cancel)',
    '!(has(self.status) && has(self.status.removal))',
  ].join(' || '),
  message:
    'the object of the pod has been removed for its target, so to take the move back would end the pod: it commits soon, or says why not in status.message',
};

/** What others have the API server does not know of its own; the controller says so in the status (src/pools). */
const poolRules: readonly Rule[] = [
  {
    rule: 'isCIDR(self.cidr) && cidr(self.cidr).ip().family() == 4 && cidr(self.cidr).prefixLength() <= 30',
    message: 'cidr must be an IPv4 network of at least four addresses, for example 10.245.0.0/16',
  },
  {
    rule: '!isCIDR(self.cidr) || cidr(self.cidr) == cidr(self.cidr).masked()',
    message: 'cidr must be the first address of its network, for example 10.245.0.0/16 and not 10.245.3.0/16',
  },
  {
    rule: '!isCIDR(self.cidr) || cidr(self.cidr).ip().isGlobalUnicast()',
    message: 'cidr must be of addresses that hosts can have: no loopback, link-local or multicast ones',
  },
  {
    rule: '!has(self.reserved) || self.reserved.all(r, isCIDR(r) || isIP(r))',
    message: 'reserved must be IPv4 networks or addresses, for example 10.245.0.0/28',
  },
];

const kinds: readonly Kind[] = [
  {
    resource: migrations,
    shortNames: ['mig'],
    columns: printerColumns.migrations,
    hasStatus: true,
    specRules: migrationRules,
    objectRules: [cancelledInTime, cancelledBeforeRemoval],
  },
  {
    resource: migrationPolicies,
    shortNames: ['migpol'],
    columns: printerColumns.migrationpolicies,
    specRules: [...['namespaceSelector', 'podSelector'].map(wellFormed), ...hookPoints.map(oneHandler)],
  },
  {
    resource: migrationNodes,
    shortNames: ['mignode'],
    columns: printerColumns.migrationnodes,
    hasStatus: true,
  },
  {
    resource: ipPools,
    shortNames: [],
    columns: printerColumns.ippools,
    hasStatus: true,
    specRules: [...poolRules, ...['namespaceSelector', 'podSelector'].map(wellFormed)],
  },
  {
    resource: ipLeases,
    shortNames: [],
    columns: printerColumns.ipleases,
    specRules: ['ip', 'prefixLength', 'gateway', 'pool'].map((field) => ({
      rule: unchanged(field),
      message: `${field} cannot be changed: a lease is one address; only where it lives may change`,
    })),
    objectRules: [
      {
        rule: 'self.metadata.name == self.spec.ip',
        message: 'a lease has the name of its address: metadata.name must be what spec.ip says',
      },
    ],
  },
];

const withRules = (schema: Schema, rules: readonly Rule[] | undefined): Schema =>
  rules ? { ...schema, 'x-kubernetes-validations': rules } : schema;

/** `metadata` is the API server's to describe; the rest is what a user may write. */
const schemaOf = ({ resource, specRules, objectRules }: Kind): Schema => {
  const { properties = {}, required = [] } = structural(resource.schema);
  const { spec, status } = properties;
  const object: Schema = {
    type: 'object',
    ...(spec && { required: required.filter((field) => field !== 'metadata') }),
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      ...(spec && { spec: withRules(spec, specRules) }),
      ...(status && { status }),
    },
  };
  return withRules(object, objectRules);
};

const definitionOf = (kind: Kind): object => {
  const { resource, shortNames, columns, hasStatus } = kind;
  const { plural } = resource;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      labels: { 'app.kubernetes.io/name': 'transship', 'app.kubernetes.io/part-of': 'transship' },
    },
    spec: {
      group,
      scope: resource.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: resource.kind,
        listKind: `${resource.kind}List`,
        plural,
        singular: resource.kind.toLowerCase(),
        ...(shortNames.length > 0 && { shortNames }),
        categories: ['transship'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(hasStatus && { subresources: { status: {} } }),
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: schemaOf(kind) },
        },
      ],
    },
  };
};

/** File name to definition. */
export const customResourceDefinitions = (): ReadonlyMap<string, object> =>
  new Map(kinds.map((kind) => [`${kind.resource.plural}.yaml`, definitionOf(kind)]));
