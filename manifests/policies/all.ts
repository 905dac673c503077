import { agents } from './agents.ts';
import { deletion } from './deletion.ts';
import { hooks } from './hooks.ts';
import { documentsOf } from './policy.ts';
import { record } from './record.ts';
import { targets } from './targets.ts';

const files = {
  'agents.yaml': { comment: 'What an agent may write: of its own node only.', policies: agents },
  'record.yaml': {
    comment: 'Who may write the status of a Migration, which phase may follow which, and when it may be deleted.',
    policies: [record, deletion],
  },
  'hooks.yaml': { comment: 'The hooks of a pod are fixed when it is made.', policies: [hooks] },
  'targets.yaml': { comment: 'Only the controller makes targets.', policies: [targets] },
};

export interface PolicyFile {
  readonly comment: string;
  readonly documents: readonly object[];
}

/** File name to what stands in it. */
export const policyFiles = (): ReadonlyMap<string, PolicyFile> =>
  new Map(
    Object.entries(files).map(([name, { comment, policies }]) => [
      name,
      { comment, documents: policies.flatMap(documentsOf) },
    ]),
  );
