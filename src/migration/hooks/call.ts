import type { AcceptedHook } from '../../api/hook.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import { type Facts, livingSource } from '../facts.ts';
import type { DueHook } from './due.ts';

/** What a hook is told; the body of an HTTP request. */
export interface HookMessage {
  readonly hook: AcceptedHook['point'];
  readonly attempt: number;
  readonly migration: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly phase: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  /** The pod as it was before the move. */
  readonly source: {
    readonly podName: string;
    readonly podUID?: string | undefined;
    readonly nodeName?: string | undefined;
  };
  /** The pod that takes its place, as soon as there is one. */
  readonly target?: {
    readonly podName: string;
    readonly podUID?: string | undefined;
    readonly nodeName?: string | undefined;
  };
  readonly freezeMs?: number | undefined;
}

/** The very pod. */
interface PodRef {
  readonly name: string;
  readonly uid: string;
}

/** One thing to do outside of us, as data. */
export type HookCall =
  | { readonly by: 'exec'; readonly pod: PodRef; readonly container: string; readonly command: readonly string[] }
  | { readonly by: 'http'; readonly url: string; readonly body: HookMessage };

const messageOf = ({ hook, attempt }: DueHook, migration: Migration): HookMessage => {
  const { metadata, spec, status } = migration;
  const { source, target } = status ?? {};
  return {
    hook: hook.point,
    attempt,
    migration: { namespace: metadata.namespace ?? 'default', name: metadata.name, uid: metadata.uid },
    phase: phaseOf(migration),
    reason: status?.reason,
    message: status?.message,
    source: { podName: spec.podName, podUID: source?.podUID, nodeName: source?.nodeName },
    ...(target && { target: { podName: target.podName, podUID: target.podUID, nodeName: target.nodeName } }),
    freezeMs: status?.timings?.freezeMs,
  };
};

/** Names and numbers only, so that none of them means anything to a shell. */
const variablesOf = (message: HookMessage, pod: PodRef): Readonly<Record<string, string>> => ({
  TRANSSHIP_HOOK: message.hook,
  TRANSSHIP_ATTEMPT: String(message.attempt),
  TRANSSHIP_MIGRATION: message.migration.name,
  TRANSSHIP_POD: pod.name,
  TRANSSHIP_NODE: (message.hook === 'postMigration' ? message.target?.nodeName : message.source.nodeName) ?? '',
  TRANSSHIP_FREEZE_MS: String(message.freezeMs ?? ''),
});

/** As Kubernetes does it in a container's command: what has no value stays as it is. */
const expanded = (argument: string, variables: Readonly<Record<string, string>>): string =>
  argument.replaceAll(/\$\(([A-Z_]+)\)/g, (whole, name: string) => variables[name] ?? whole);

/** The pod as it is now: after the commit the target, otherwise the source. */
const presentPod = (facts: Facts): Pod | undefined => {
  const { migration, target } = facts;
  if (!isCommitted(phaseOf(migration))) return livingSource(facts);
  return target?.metadata.uid === migration.status?.target?.podUID ? target : undefined;
};

/**
 * What running a hook comes to, or why it cannot be run. A pod's own port is
 * called at the address that the agent has found inside the pod: what stands in
 * the status of a pod can be written by others than its kubelet, and would make
 * the controller call wherever they like.
 */
export const callOf = (due: DueHook, facts: Facts): HookCall | { readonly obstacle: string } => {
  const { hook } = due;
  const { migration } = facts;
  const body = messageOf(due, migration);
  if (hook.http) return { by: 'http', url: hook.http.url, body };
  const pod = presentPod(facts);
  if (!pod) return { obstacle: 'the pod does not exist any more' };
  const ref = { name: pod.metadata.name, uid: pod.metadata.uid };
  if (hook.exec) {
    const variables = variablesOf(body, ref);
    const command = hook.exec.command.map((argument) => expanded(argument, variables));
    return { by: 'exec', pod: ref, container: hook.exec.container, command };
  }
  const ip = migration.status?.source?.address?.ip;
  if (!hook.httpPost) return { obstacle: 'it names neither exec, nor httpPost, nor http' };
  if (ip === undefined) return { obstacle: 'nobody has said which address the pod has' };
  return { by: 'http', url: `http://${ip}:${hook.httpPost.port}${hook.httpPost.path}`, body };
};
