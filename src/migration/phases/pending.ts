import type { Migration, SourceStatus } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { type Finding, sentenceOf } from '../../api/reasons.ts';
import { type Facts, livingSource } from '../facts.ts';
import { findingsAgainst } from '../findings-against.ts';
import { hooksFor } from '../hooks/accepted.ts';
import { hold, isHeld } from '../hold.ts';
import { reasonToWait } from '../queue/limits.ts';
import { needsItsName } from '../namesake/kind.ts';
import { type ChosenPolicy, policyText } from '../policy/policy.ts';
import { movedBy, moverOf } from '../same-pod.ts';
import { phaseChange, type Verdict } from '../status.ts';
import type { Step } from '../step.ts';

/** Room is looked for again when another move ends; this is for what no event tells of. */
const lookAgainMs = 3_000;

const missing = ({ migration, source }: Facts): Finding => {
  const name = `${migration.metadata.namespace ?? 'default'}/${migration.spec.podName}`;
  const message = source
    ? `Pod ${name} has been replaced by another of the same name (UID ${source.metadata.uid})`
    : `Pod ${name} does not exist`;
  return { reason: 'PodNotFound', message };
};

const alreadyMoved = ({ migration }: Facts, mover: Migration): Finding => {
  const { podName = '', nodeName = '' } = mover.status?.target ?? {};
  const { namespace = 'default' } = migration.metadata;
  return {
    reason: 'AlreadyMoved',
    message: `Pod ${namespace}/${migration.spec.podName} has been moved by Migration ${mover.metadata.name}: it runs as ${podName} on node ${nodeName}`,
  };
};

const refuse = (facts: Facts, now: number, findings: readonly Finding[]): Step[] => {
  const reason = findings[0]?.reason ?? 'InspectionFailed';
  return [
    {
      do: 'writeStatus',
      patch: phaseChange(facts.migration, {
        to: 'Failed',
        now,
        reason,
        message: sentenceOf(findings),
        movable: 'False',
      }),
    },
  ];
};

const wait = (facts: Facts, now: number, message: string): Step[] => {
  const { status } = facts.migration;
  const patch = phaseChange(facts.migration, { to: 'Pending', now, reason: 'Waiting', message });
  const said = status?.reason === 'Waiting' && status.message === message;
  return [...(said ? [] : [{ do: 'writeStatus', patch } as const]), { do: 'lookAgain', afterMs: lookAgainMs }];
};

const termsUnder = ({ name, spec }: ChosenPolicy, source: Pod) => {
  const { retries, maxFreezeSeconds, priority, lostConnections } = spec;
  const hooks = hooksFor(spec, source);
  return {
    ...{ retries, maxFreezeSeconds, priority },
    ...(name !== undefined && { policy: name }),
    ...(lostConnections === 'Refuse' && { lostConnections }),
    ...(hooks.length > 0 && { hooks: [...hooks] }),
  };
};

const sourceFrom = (source: Pod): SourceStatus => ({
  nodeName: source.spec.nodeName ?? '',
  podUID: source.metadata.uid,
  ...(needsItsName(source) && { keepsName: true }),
});

/** Resolves the pod, says everything that speaks against the move, and waits for room. */
export const decidePending = (facts: Facts, now: number): Step[] => {
  const source = livingSource(facts);
  const earlier = movedBy(facts);
  if (earlier) return refuse(facts, now, [alreadyMoved(facts, earlier)]);
  // Until the move of another Migration is over, nobody can say what has become of the pod.
  const mover = moverOf(facts);
  if (mover) return wait(facts, now, `the Migration ${mover.metadata.name} is moving this pod`);
  if (!source) return refuse(facts, now, [missing(facts)]);
  const { policy } = facts;
  const findings = findingsAgainst(facts, source, now);
  if (findings.length > 0 || 'conflict' in policy) return refuse(facts, now, findings);
  const why = reasonToWait(facts, { source, policy });
  if (why !== undefined) return wait(facts, now, why);
  if (!isHeld(facts.migration)) return hold(facts.migration);
  const accepted: Verdict = {
    reason: 'Accepted',
    message: `Pod can be moved away from node ${source.spec.nodeName ?? ''} as far as its specification tells; ${policyText(policy)} holds for it`,
  };
  const fields = { terms: termsUnder(policy, source), attempt: 1, source: sourceFrom(source) };
  return [
    {
      do: 'writeStatus',
      patch: phaseChange(facts.migration, { to: 'Inspecting', now, ...accepted, fields, movable: 'Unknown' }),
    },
    { do: 'tell', type: 'Normal', ...accepted, pod: { name: source.metadata.name, uid: source.metadata.uid } },
  ];
};
