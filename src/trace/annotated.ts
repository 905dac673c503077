interface Draft {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
}

/** An object that is to be created, or a patch, with annotations besides those that it has. */
export const annotated = <T extends object>(object: T, annotations: Readonly<Record<string, string>>): T => {
  if (Object.keys(annotations).length === 0) return object;
  const { metadata }: Draft = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata?.annotations, ...annotations } } };
};
