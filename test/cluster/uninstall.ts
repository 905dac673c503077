import { join } from 'node:path';
import { step } from '../../lab/progress.ts';
import { kubectl } from './kubectl.ts';

const overlays = join(import.meta.dirname, '..', '..', 'manifests', 'overlays');

/** Steps 2 to 5 of manifests/overlays/uninstall/kustomization.yaml, as typed by a person. */
export const uninstallTransship = async (): Promise<void> => {
  await step('kubectl delete -k manifests/overlays/lab', () =>
    kubectl('delete', '-k', join(overlays, 'lab'), '--timeout=60s'),
  );
  await step('kubectl apply -k manifests/overlays/uninstall', () =>
    kubectl('apply', '-k', join(overlays, 'uninstall')),
  );
  await step('kubectl rollout status daemonset/transship-uninstall', () =>
    kubectl('-n', 'transship-system', 'rollout', 'status', 'daemonset/transship-uninstall', '--timeout=60s'),
  );
  await step('kubectl delete -k manifests/overlays/uninstall', () =>
    kubectl('delete', '-k', join(overlays, 'uninstall'), '--timeout=60s'),
  );
};
