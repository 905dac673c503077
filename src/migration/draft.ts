import { apiVersion } from '../api/group.ts';
import { migrationNameOf, type Trigger } from '../api/migration.ts';
import type { MigrationPolicySpec } from '../api/migration-policy.ts';
import type { Pod } from '../api/pod.ts';

/** The one Migration of a pod, to be created. Named after the pod's UID: whoever asks for it again, asks for the same. */
export const draftOf = (
  { metadata: { namespace, name, uid } }: Pod,
  trigger: Trigger,
  { deadlineSeconds }: Pick<MigrationPolicySpec, 'deadlineSeconds'>,
) => ({
  apiVersion,
  kind: 'Migration',
  metadata: { name: migrationNameOf(name, uid), namespace: namespace ?? 'default' },
  spec: { podName: name, podUID: uid, trigger, deadlineSeconds },
});
