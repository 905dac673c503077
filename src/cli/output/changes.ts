import type { KubeObject } from '../../api/metadata.ts';
import type { Resource } from '../../api/resource.ts';
import type { Terminal } from '../terminal.ts';
import type { DryRunOptions, OutputOptions } from '../usage/flags.ts';
import { printObjects, referenceTo } from './objects.ts';

/** An object that a command has changed, or would have. */
export interface Change {
  readonly resource: Resource<KubeObject>;
  readonly object: { readonly metadata: { readonly name: string } };
  /** As kubectl says it: created, decommissioned. */
  readonly what: string;
  /** What a person has to know besides. */
  readonly note?: string | undefined;
}

export type ChangeOptions = OutputOptions<'json' | 'yaml' | 'name'> & DryRunOptions;

const dryRunNote = { client: ' (dry run)', server: ' (server dry run)' } as const;

const lineOf = ({ resource, object, what, note }: Change, { dryRun }: ChangeOptions): string =>
  `${referenceTo(resource, object.metadata.name)} ${what}${note === undefined ? '' : ` (${note})`}${dryRun ? dryRunNote[dryRun] : ''}`;

/** Says what became of objects: a line each, or with -o the objects themselves. */
export const printChanges = async (
  changes: readonly Change[],
  options: ChangeOptions,
  terminal: Terminal,
): Promise<void> => {
  const { output } = options;
  if (output === 'json' || output === 'yaml') {
    const objects = changes.map(({ object }) => object);
    if (objects.length > 0) await printObjects(objects, { format: output, single: true }, terminal);
    return;
  }
  for (const change of changes)
    terminal.out(
      output === 'name' ? referenceTo(change.resource, change.object.metadata.name) : lineOf(change, options),
    );
};
