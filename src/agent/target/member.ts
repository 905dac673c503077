import { type ImageDirectory, imageDirectory } from '../checkpoint/image-directory.ts';
import type { Guest } from './guest.ts';
import type { ContainerEntry } from './journal.ts';
import { abandonedRendezvous, type Rendezvous } from './rendezvous.ts';

/** One container of a target, whoever has met it. */
export interface TargetMember {
  readonly name: string;
  readonly id: string;
  readonly rendezvous: Rendezvous;
  readonly image: ImageDirectory;
  /** Undefined for what another process has left. */
  readonly guest: Guest | undefined;
}

export const memberOf = (guest: Guest, rendezvous: Rendezvous): TargetMember => {
  const { name, id, image } = guest.entry;
  return { name, id, rendezvous, guest, image: imageDirectory(image) };
};

/** One that another process of this agent had met, as its journal has it. */
export const abandonedMember = ({ name, id, reply, image }: ContainerEntry): TargetMember => ({
  ...{ name, id, guest: undefined },
  rendezvous: abandonedRendezvous(reply),
  image: imageDirectory(image),
});
