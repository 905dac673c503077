import type { PodAddress } from '../api/migration.ts';
import type { Reason } from '../api/reasons.ts';
import type { HookCall } from './hooks/call.ts';
import type { StatusPatch } from './status.ts';

export interface PodRef {
  readonly name: string;
  readonly uid: string;
}

/** What is to be known about a lease's pod: where the address lives and who has it. */
export interface Tenant {
  readonly nodeName: string;
  readonly podNamespace: string;
  readonly podName: string;
  readonly podUID: string;
}

/**
 * One thing to do, as data. Steps of one decision are done in order; the first
 * that fails ends them, so what must not be told before it is true comes after.
 */
export type Step =
  | { readonly do: 'writeStatus'; readonly patch: StatusPatch }
  | { readonly do: 'patchMigration'; readonly patch: object }
  | { readonly do: 'createLease'; readonly address: PodAddress; readonly tenant: Tenant; readonly madeFor: string }
  | { readonly do: 'patchLease'; readonly name: string; readonly patch: object }
  | { readonly do: 'deleteLease'; readonly name: string; readonly uid: string }
  | { readonly do: 'createTarget'; readonly pod: { readonly metadata: { readonly name: string } } }
  /** Asks whether the API server, and every webhook on the way, would make this pod a target; nothing is made. */
  | { readonly do: 'rehearseTarget'; readonly pod: { readonly metadata: { readonly name: string } } }
  | { readonly do: 'createAnew'; readonly pod: { readonly metadata: { readonly name: string } } }
  | { readonly do: 'patchPod'; readonly name: string; readonly patch: object }
  /** A courtesy to the pod: a refusal ends nothing. */
  | { readonly do: 'notePod'; readonly pod: PodRef; readonly annotations: Readonly<Record<string, string>> }
  | { readonly do: 'patchPodStatus'; readonly name: string; readonly patch: object }
  | { readonly do: 'deletePod'; readonly pod: PodRef }
  /** Begins it and does not wait for it; what came of it is in the facts of a later round. */
  | { readonly do: 'runHook'; readonly id: string; readonly call: HookCall; readonly timeoutMs: number }
  | {
      readonly do: 'tell';
      readonly type: 'Normal' | 'Warning';
      readonly reason: Reason;
      readonly message: string;
      readonly pod: PodRef | undefined;
    }
  | { readonly do: 'lookAgain'; readonly afterMs: number };
