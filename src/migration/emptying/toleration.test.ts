import { expect, it } from 'vitest';
import type { Taint, Toleration } from '../../api/pod.ts';
import { nodeWith, podWith } from '../move-fixture.ts';
import { isTolerant } from './toleration.ts';

const key = 'transship.dev/decommissioned';
const noSchedule: Taint = { key, effect: 'NoSchedule' };
const other: Taint = { key: 'other', effect: 'NoSchedule' };

it.each<[string, Toleration[] | undefined, Taint[], boolean]>([
  ['nothing', undefined, [noSchedule], false],
  ['all taints', [{ operator: 'Exists' }], [noSchedule], true],
  ['all of one effect', [{ operator: 'Exists', effect: 'NoSchedule' }], [noSchedule], true],
  ['all of another effect', [{ operator: 'Exists', effect: 'NoExecute' }], [noSchedule], false],
  ['this taint', [{ key, operator: 'Exists' }], [noSchedule], true],
  ['another taint', [{ key: 'other', operator: 'Exists' }], [noSchedule], false],
  ['this taint without a value', [{ key }], [noSchedule], true],
  ['this taint with a value that it has not', [{ key, value: 'x' }], [noSchedule], false],
  [
    'this taint with the value that it has',
    [{ key, operator: 'Equal', value: 'x' }],
    [{ ...noSchedule, value: 'x' }],
    true,
  ],
  ['an operator of a later version', [{ key, operator: 'Gt', value: '1' }], [{ ...noSchedule, value: '2' }], false],
  ['no taint by name', [{ operator: 'Equal' }], [noSchedule], false],
  ['this taint, and not another one of the node', [{ key, operator: 'Exists' }], [noSchedule, other], true],
  [
    'one of two effects',
    [{ key, operator: 'Exists', effect: 'NoSchedule' }],
    [noSchedule, { key, effect: 'NoExecute' }],
    false,
  ],
])('a pod that tolerates %s is at home on the node or not', (_what, tolerations, taints, isAtHome) => {
  const pod = podWith({ spec: { ...(tolerations && { tolerations }) } });
  expect(isTolerant(pod, nodeWith('n1', { taints }))).toBe(isAtHome);
});
