import { getJson } from '../../../cluster/kubectl.ts';
import type { Case } from '../../case.ts';
import { movedClaims, redisContainer, redisOn, startedAnewClaims, untouchedClaims } from '../../subject.ts';
import { drain, patiently } from '../../terminal.ts';

/** Without the pods of DaemonSets that a drain leaves alone: the agents are among them. */
const linesOnPods = (said: string): readonly string[] =>
  said.split('\n').filter((line) => !line.includes('ignoring DaemonSet-managed Pods'));

const notOptedIn: Case = {
  does: 'of a pod that did not opt in',
  outcome: 'evicts it as on any cluster, and hears nothing of Transship',
  async attempt(scene) {
    const subject = await redisOn(scene, { optIn: false });
    const { code, said } = await drain(scene, [patiently]);
    return {
      'it ends with 0': code === 0,
      'it says that the pod is evicted': said.includes(`pod/${subject.pod.metadata.name} evicted`),
      'it hears nothing of Transship': linesOnPods(said).every((line) => !line.includes('transship')),
      ...(await startedAnewClaims(scene, subject)),
    };
  },
};

const withHostPort = { containers: [{ ...redisContainer, ports: [{ containerPort: 6379, hostPort: 16379 }] }] };

const unmovable: Case = {
  does: 'of a pod that opted in and cannot be moved, because it has a hostPort',
  outcome: 'evicts it, and prints the reason as a warning',
  async attempt(scene) {
    const subject = await redisOn(scene, { spec: withHostPort });
    const { code, said } = await drain(scene, [patiently]);
    return {
      'it ends with 0': code === 0,
      'it warns that the pod starts anew': /^Warning: .*so it starts anew: .*HostPortUsed/m.test(said),
      ...(await startedAnewClaims(scene, subject)),
    };
  },
};

const podSelector: Case = {
  does: '`--pod-selector`, with a pod beside it that it does not select and that did not opt in',
  outcome: 'ends with 0 when the selected pod has moved; the other stays',
  async attempt(scene) {
    const [selected, other] = await Promise.all([
      redisOn(scene, { app: 'selected' }),
      redisOn(scene, { app: 'other', optIn: false }),
    ]);
    const { code } = await drain(scene, ['--pod-selector=app=selected', patiently]);
    return {
      'it ends with 0': code === 0,
      ...(await movedClaims(scene, selected)),
      'the other pod runs where it ran, with its connection': Object.values(await untouchedClaims(scene, other)).every(
        Boolean,
      ),
    };
  },
};

const dryRun: Case = {
  does: '`--dry-run=server`',
  outcome: 'ends with 0 and has done nothing',
  async attempt(scene) {
    const subject = await redisOn(scene);
    const { code, said } = await drain(scene, ['--dry-run=server', patiently]);
    const node = await getJson<{ spec: { unschedulable?: boolean } }>('node', scene.from);
    return {
      'it ends with 0': code === 0,
      'it says that it is a dry run': said.includes('(server dry run)'),
      'the node is open': node.spec.unschedulable !== true,
      ...(await untouchedClaims(scene, subject)),
    };
  },
};

/** Of which pods a drain is, and whether it is one. */
export const selectionCases: readonly Case[] = [notOptedIn, unmovable, podSelector, dryRun];
