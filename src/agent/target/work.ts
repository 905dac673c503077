import type { Migration } from '../../api/migration.ts';
import type { Reception } from '../connections/reception.ts';
import type { FileSink } from '../files/receive.ts';
import type { LoopbackHold } from '../network/loopback-hold.ts';
import type { Holder } from '../sockets/holder.ts';
import type { Pulse } from '../transfer/alive.ts';
import type { Channel } from '../transfer/channel.ts';
import type { TargetEntry } from './journal.ts';
import type { TargetMember } from './member.ts';
import type { TargetPorts } from './ports.ts';

/** What the steps of one target work with. */
export interface TargetWork {
  readonly ports: TargetPorts;
  readonly entry: TargetEntry;
  /** Its containers, as they have come. */
  readonly members: readonly TargetMember[];
  record: Migration;
  channel: Channel | undefined;
  pulse: Pulse | undefined;
  /** Of a pod with several containers that stand together. */
  loopback: LoopbackHold | undefined;
  /** Likewise: makes the connections between them. */
  holder: Holder | undefined;
  /** Where its files go, for as long as some may come. */
  sink: FileSink | undefined;
  /** Of its connections to Services. */
  reception: Reception | undefined;
  /** Said to the containers when they are refused. */
  refusal: string;
  held: readonly number[];
  /** The kubelet that has asked for the start of the last container; undefined when that is not known. */
  readonly starter: string | undefined;
  /** How long the runtime took to call the restored container its own. */
  takeOverMs?: number;
}

/** Of what steps make: before the first, and where another process has made it. */
export const nothingMade = {
  channel: undefined,
  pulse: undefined,
  loopback: undefined,
  holder: undefined,
  sink: undefined,
  reception: undefined,
  refusal: '',
} as const;
