import { describe, expect, it } from 'vitest';
import type { Node } from '../../api/pod.ts';
import { decommissioned, nodeWith, now } from '../move-fixture.ts';
import { ordinaryPod } from './emptying-fixture.ts';
import { afterAttempt, type Attempts } from './evictions.ts';
import type { Fate, Fated, Stay } from './fate.ts';
import { reportOf } from './report.ts';

const fated = (fate: Fate, name = 'web'): Fated => ({ pod: ordinaryPod(name), fate });
const evicted = { is: 'toBeEvicted', isOptedIn: false } as const;
const times = (count: number, fate: Fate): Fated[] => Array.from({ length: count }, (_, n) => fated(fate, `web-${n}`));
const stays = (...whys: Stay[]): Fated[] => whys.map((why) => fated({ is: 'staying', why }));

const refusing = (all: readonly Fated[], why: string): Attempts =>
  all.reduce<Attempts>((attempts, { pod }) => afterAttempt(attempts, pod, now, why), new Map());

const node = nodeWith('n1', decommissioned);
const withCondition = (of: Node, condition: object): Node => ({
  ...of,
  status: { conditions: [{ type: 'Decommissioned', status: 'False', ...condition }] },
});

interface Condition {
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

const conditionIn = (patch: object | undefined): Condition =>
  (patch as { status: { conditions: [Condition] } } | undefined)?.status.conditions[0] ?? {};

const report = (all: readonly Fated[], attempts: Attempts = new Map(), of = node) =>
  reportOf(of, all, { attempts, now });
const said = (all: readonly Fated[], attempts?: Attempts): string => {
  const { status = '', reason = '', message = '' } = conditionIn(report(all, attempts)?.patch);
  return `${status} ${reason}: ${message}`;
};

describe('the condition Decommissioned says', () => {
  it.each<[string, Fated[], string]>([
    ['that nothing was there', [], 'True Empty: no pod is left that has to leave'],
    [
      'that nothing is left but what stays',
      stays('daemonSet', 'daemonSet', 'static', 'tolerant'),
      'True Empty: no pod is left that has to leave. 4 stay (2 of DaemonSets, 1 static, 1 that tolerates the taint)',
    ],
    ['what moves', times(2, { is: 'moving' }), 'False Emptying: 2 pods are left: 2 move'],
    [
      'all the rest',
      [
        fated({ is: 'moving' }),
        fated({ is: 'arriving' }),
        fated(evicted),
        fated({ is: 'kept', until: now }, 'db'),
        fated({ is: 'ending' }),
        ...stays('daemonSet'),
      ],
      'False Emptying: 5 pods are left: 1 moves; 1 arrives; 1 is to be evicted; 1 is kept because its move has failed: default/db (until 2026-01-01T00:10:00Z); 1 ends. 1 stays (1 of a DaemonSet)',
    ],
  ])('%s', (_what, all, text) => {
    expect(said(all)).toBe(text);
  });

  it('which pods cannot be evicted yet, and why; of many the first', () => {
    const all = times(5, evicted);
    const budget = (n: number): string => `default/web-${n} (The budget web needs 1 healthy pods)`;
    expect(said(all, refusing(all, 'The budget web needs 1 healthy pods'))).toBe(
      `False Emptying: 5 pods are left: 5 cannot be evicted yet: ${budget(0)}, ${budget(1)}, ${budget(2)} and 2 more`,
    );
  });

  it('the beginning of what is too long to be said', () => {
    const all = [fated(evicted)];
    expect(said(all, refusing(all, 'x'.repeat(1_000))).length).toBeLessThan(300);
  });
});

describe('a report', () => {
  const moving = [fated({ is: 'moving' })];
  const message = '1 pod is left: 1 moves';

  it('is news when the node begins to be emptied, and when it is empty', () => {
    expect(report(moving)?.news).toEqual({ reason: 'Emptying', message });
    expect(report([], new Map(), withCondition(node, {}))?.news).toMatchObject({ reason: 'Empty' });
    expect(report(moving, new Map(), withCondition(node, { message: 'another' }))).not.toHaveProperty('news');
  });

  it('is not made when there is nothing to say', () => {
    expect(report(moving, new Map(), withCondition(node, { reason: 'Emptying', message }))).toBeUndefined();
    expect(report([], new Map(), nodeWith('n1'))).toBeUndefined();
  });

  it('keeps the time since when it is so', () => {
    const since = '2026-01-01T00:00:00Z';
    const at = (status: string, all: readonly Fated[]): unknown =>
      conditionIn(report(all, new Map(), withCondition(node, { status, lastTransitionTime: since }))?.patch);
    expect(at('False', moving)).toMatchObject({ lastTransitionTime: since, lastHeartbeatTime: '2026-01-01T00:10:00Z' });
    expect(at('True', moving)).toMatchObject({ lastTransitionTime: '2026-01-01T00:10:00Z' });
  });

  it('is about this very node and this one condition', () => {
    expect(report(moving)?.patch).toMatchObject({
      metadata: { uid: 'n1' },
      status: { conditions: [{ type: 'Decommissioned' }] },
    });
  });

  it('takes the condition away when the taint is gone', () => {
    expect(report([], new Map(), withCondition(nodeWith('n1'), {}))).toEqual({
      patch: { metadata: { uid: 'n1' }, status: { conditions: [{ type: 'Decommissioned', $patch: 'delete' }] } },
    });
  });
});
