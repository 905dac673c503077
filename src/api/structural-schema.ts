import { z } from 'zod';

/** The part of OpenAPI 3.0 that a "structural schema" may use, as CustomResourceDefinitions ask for. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly [keyword: string]: unknown;
}

/** Beyond what a JavaScript number is exact for there is nothing to check; the API server keeps 64 bits. */
const isMeaningful = (bound: number | undefined): bound is number =>
  bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;

const integer = ({ minimum, maximum, ...rest }: Schema): Schema => ({
  ...rest,
  format: 'int64',
  ...(isMeaningful(minimum) && { minimum }),
  ...(isMeaningful(maximum) && { maximum }),
});

const object = ({ properties, additionalProperties, ...rest }: Schema): Schema => ({
  ...rest,
  ...(properties && {
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [
        name,
        name === 'conditions' ? conditions(schema) : converted(schema),
      ]),
    ),
  }),
  // `additionalProperties: false` is forbidden beside `properties`: what is not named is pruned anyway.
  ...(!properties &&
    typeof additionalProperties === 'object' && { additionalProperties: converted(additionalProperties) }),
});

/** One entry a type, which lets several writers each keep their own by server-side apply (API conventions). */
const conditions = (schema: Schema): Schema => ({
  ...converted(schema),
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
});

const converted = (schema: Schema): Schema => {
  if (schema.type === 'integer') return integer(schema);
  if (schema.type === 'object') return object(schema);
  if (schema.items) return { ...schema, items: converted(schema.items) };
  return schema;
};

/** `io: input`: a field with a default need not be written, and the API server fills it in. */
export const structural = (schema: z.ZodType): Schema =>
  converted(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as Schema);
