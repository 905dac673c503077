import type { FailPoint } from '../../../src/failpoint/points.ts';
import type { Outcome } from './outcome.ts';
import { type Stage, type StepBoundary, steps } from './steps.ts';

/**
 * What a move without further attempts comes to when a fault meets it at a step.
 * Where two outcomes stand, the fault races with the move at that step, and
 * either is right.
 */
interface Rule {
  /** Points at which the fault can be brought about at all; without it, everywhere. */
  readonly exists?: { readonly from?: FailPoint; readonly to?: FailPoint };
  readonly outcomes: Readonly<Record<Stage, readonly Outcome[]>>;
  readonly except?: Partial<Record<FailPoint, readonly Outcome[]>>;
  /** Stages in which the fault itself takes the pod away that has the connection. */
  readonly ends?: readonly Stage[];
  /** The owner of the pod sees one too few, and starts another beside it. */
  readonly isReplaced?: true;
  /** The program had code in it that was not its own: it may lose its connections, or end and be started anew in its place. */
  readonly mayHarm?: true;
}

const moved: readonly Outcome[] = ['Succeeded'];
const back: readonly Outcome[] = ['RolledBack'];
const lost: readonly Outcome[] = ['LostWithNode'];
const either: readonly Outcome[] = ['Succeeded', 'RolledBack'];
const movedOrLost: readonly Outcome[] = ['Succeeded', 'LostWithNode'];
const backOrLost: readonly Outcome[] = ['RolledBack', 'LostWithNode'];

/** Taken back before the commit, carried through after it. */
const plain = { preparing: back, moving: back, frozen: back, committed: moved };
/** The move waits until the fault is over. */
const unharmed = { preparing: moved, moving: moved, frozen: moved, committed: moved };

const beforeCommit: readonly Stage[] = ['preparing', 'moving', 'frozen'];

/** In the freeze the controller, which sees it, races with the agents, which know of no pods. */
const targetDeleted: Rule = {
  exists: { from: 'controller.created', to: 'target.released' },
  outcomes: { ...plain, frozen: backOrLost, committed: lost },
  // One that is not in the record yet is made once more.
  except: {
    'controller.created': either,
    'source.synced': backOrLost,
    'source.shut': backOrLost,
    // It is told of the commit at once, and may have said that it runs before the kubelet ends it.
    'source.committed': movedOrLost,
    'source.fenced': movedOrLost,
  },
  ends: ['committed'],
};

const rules: Readonly<Record<string, Rule>> = {
  // Before it has claimed the record, an agent of the source has nothing to lose: the next one looks again.
  'source-agent-killed': { outcomes: { ...plain, preparing: moved }, except: { 'target.arrived': either } },
  // What stands still is seen through; what does not is taken back. The freeze may begin before the word is heard.
  'source-agent-terminated': {
    outcomes: { ...plain, preparing: moved, frozen: moved },
    except: { 'target.arrived': either, 'source.synced': either, 'source.shut': either },
  },
  // Without an agent a target gets no address, or the wrong one.
  'target-agent-killed': {
    outcomes: plain,
    except: {
      'controller.accepted': moved,
      'source.inspected': either,
      'controller.prepared': either,
      'controller.created': either,
      'target.arriving': either,
      'source.held': either,
    },
  },
  'target-agent-terminated': {
    outcomes: plain,
    except: {
      'controller.accepted': moved,
      'source.inspected': either,
      'controller.prepared': either,
      'controller.created': either,
      'target.arriving': either,
      'target.held': either,
      'source.held': moved,
    },
  },
  'leader-killed': { outcomes: unharmed },
  'replicas-killed': { outcomes: unharmed },
  'leader-terminated': { outcomes: unharmed },
  // With CRIU go its stops (ptrace), and under cgroup v1 it has thawed the source to have its own code run there
  // (criu/seize.c): the program runs on at once, and what it writes to a socket in repair mode fails, before anybody can end
  // that mode; some end. See docs/adr/0028-a-criu-that-is-killed.md.
  'criu-dump-killed': {
    exists: { from: 'source.frozen', to: 'source.frozen' },
    outcomes: { ...plain, frozen: backOrLost },
    mayHarm: true,
  },
  'criu-dump-killed-at-work': {
    exists: { from: 'source.frozen', to: 'source.frozen' },
    outcomes: { ...plain, frozen: backOrLost },
    mayHarm: true,
  },
  'criu-restore-killed': { exists: { from: 'target.received', to: 'target.received' }, outcomes: plain },
  'wrapper-killed': {
    exists: { from: 'target.arriving', to: 'target.restoring' },
    outcomes: plain,
    // The kubelet begins anew, and the target arrives once more.
    except: { 'target.arriving': either, 'target.stood': either },
  },
  'source-containerd-restarted': { outcomes: { ...unharmed, preparing: either, moving: either } },
  'source-dockerd-restarted': { outcomes: { ...unharmed, preparing: either, moving: either } },
  'source-cri-dockerd-restarted': { outcomes: unharmed },
  'source-kubelet-restarted': { outcomes: unharmed },
  // The call that creates the target ends with the daemon that carries it.
  'target-containerd-restarted': { outcomes: { ...unharmed, preparing: either, moving: either, frozen: either } },
  'target-dockerd-restarted': { outcomes: { ...unharmed, preparing: either, moving: either, frozen: either } },
  'target-cri-dockerd-restarted': { outcomes: { ...unharmed, preparing: either, moving: either, frozen: either } },
  'target-kubelet-restarted': { outcomes: { ...unharmed, preparing: either, moving: either, frozen: either } },
  // While no lease can be read a target gets an address of its node, with which it is not restored.
  'api-server-restarted': { outcomes: { ...unharmed, preparing: either, moving: either, frozen: either } },
  'etcd-restarted': { outcomes: { ...unharmed, preparing: either, moving: either, frozen: either } },
  'stream-corrupted': { exists: { from: 'source.diverted', to: 'source.diverted' }, outcomes: plain },
  'stream-truncated': { exists: { from: 'source.diverted', to: 'source.diverted' }, outcomes: plain },
  'source-agent-cut-off': { outcomes: { ...unharmed, moving: either, frozen: either } },
  'target-agent-cut-off': { outcomes: { ...unharmed, preparing: either, moving: either, frozen: either } },
  'agents-cut-off': {
    outcomes: { ...plain, preparing: either, moving: either },
    except: { 'source.held': either },
  },
  'webhook-down': { outcomes: unharmed },
  // The memory of a source that has not been taken over is gone with its node.
  'source-node-dead': {
    outcomes: { preparing: lost, moving: lost, frozen: lost, committed: moved },
    ends: beforeCommit,
  },
  // A target that has not been told of yet begins anew with its node.
  // Once it has been seen to run the move is over for it, and what happens to its node later happens to any pod.
  'target-node-dead': {
    exists: { to: 'target.released' },
    outcomes: { ...plain, preparing: either, committed: lost },
    // The commit is seen by the target as well, which may have said that it runs before its node is gone.
    except: { 'source.held': backOrLost, 'source.committed': movedOrLost },
    ends: ['committed'],
  },
  // For longer than the cluster waits for a node, which is longer than most runs may take.
  'target-node-gone': {
    exists: { from: 'source.committed', to: 'target.released' },
    outcomes: { ...plain, committed: movedOrLost },
    except: { 'target.released': lost },
    ends: ['committed'],
  },
  'target-pod-deleted': targetDeleted,
  'target-pod-deleted-by-force': targetDeleted,
  'source-pod-deleted': {
    outcomes: plain,
    except: { 'source.held': either },
    ends: beforeCommit,
    isReplaced: true,
  },
  'migration-deleted': { outcomes: plain },
  'migration-cancelled': { outcomes: plain },
  'target-unschedulable': {
    outcomes: unharmed,
    except: {
      'controller.accepted': back,
      'source.inspected': back,
      'controller.prepared': back,
      'controller.created': either,
    },
  },
  'image-not-pullable': {
    outcomes: unharmed,
    except: {
      'controller.accepted': back,
      'source.inspected': back,
      'controller.prepared': back,
      'controller.created': either,
    },
  },
  'source-images-full': {
    outcomes: { ...unharmed, preparing: back, moving: back },
    except: { 'source.frozen': back, 'source.dumping': either, 'target.routed': either, 'source.diverted': either },
  },
  'target-images-full': {
    outcomes: plain,
    except: { 'target.received': either, 'target.restoring': either, 'target.held': moved, 'source.held': moved },
  },
  'answer-lost': { outcomes: unharmed },
};

export interface Expectation {
  readonly outcomes: readonly Outcome[];
  readonly connectionSurvives: boolean;
  /** May another instance be started beside the one that was to be moved? */
  readonly mayBeReplaced: boolean;
  /** May the program lose its connections, or be started anew in its place? */
  readonly mayBeHarmed: boolean;
}

const placeOf = (point: FailPoint): number => steps.findIndex((step) => step.point === point);

/** Can this fault be brought about at this step? */
export const exists = (fault: string, { point }: Pick<StepBoundary, 'point'>): boolean => {
  const { from, to } = rules[fault]?.exists ?? {};
  const place = placeOf(point);
  return (from === undefined || place >= placeOf(from)) && (to === undefined || place <= placeOf(to));
};

/** What is to come of a fault that meets a move at a step. */
export const expectedOf = (fault: string, { point, stage }: Pick<StepBoundary, 'point' | 'stage'>): Expectation => {
  const rule = rules[fault];
  if (!rule) throw new Error(`nobody has said what is to come of the fault ${fault}`);
  return {
    outcomes: rule.except?.[point] ?? rule.outcomes[stage],
    connectionSurvives: !(rule.ends ?? []).includes(stage),
    mayBeReplaced: rule.isReplaced ?? false,
    mayBeHarmed: rule.mayHarm ?? false,
  };
};
