import { z } from 'zod';
import { type KubeObject, metadata } from '../../api/metadata.ts';
import type { Resource } from '../../api/resource.ts';
import type { Terminal } from '../terminal.ts';
import { type DataFormat, dataText } from './data.ts';

/** An object with every field that it has, whatever our schemas know. */
const anyObject = z.looseObject({ metadata: metadata.loose() });

/** The kind, read whole: what -o json shows must not depend on what this program reads. */
export const whole = (resource: Resource<KubeObject>): Resource<KubeObject> => ({ ...resource, schema: anyObject });

/** As kubectl prints names with -o name: `migration.transship.dev/web-1`, `node/n1`. */
export const referenceTo = ({ kind, group }: Resource<KubeObject>, name: string): string =>
  `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${name}`;

/** Who wrote which field is noise to almost everybody; kubectl leaves it out as well. */
const shown = (object: { readonly metadata: object }): object => ({
  ...object,
  metadata: { ...object.metadata, managedFields: undefined },
});

/** One object as itself, several as a List. */
export const printObjects = async (
  objects: readonly { readonly metadata: object }[],
  { format, single }: { readonly format: DataFormat; readonly single: boolean },
  terminal: Terminal,
): Promise<void> => {
  const items = objects.map(shown);
  const list = { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items };
  terminal.out(await dataText(single && items.length === 1 ? items[0] : list, format));
};
