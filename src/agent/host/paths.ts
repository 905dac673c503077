import { join } from 'node:path';

/** Shared with the host under the same path; gone after a reboot, like everything it speaks of. */
export const stateDirectory = '/run/transship';

export const doorbellPath = join(stateDirectory, 'doorbell');
export const repliesDirectory = join(stateDirectory, 'replies');
export const restoredDirectory = join(stateDirectory, 'restored');
/** A container of a target with its name here has not been let run, and nothing else is run in it (node/transship-runc). */
export const waitingDirectory = join(stateDirectory, 'waiting');
export const departedDirectory = join(stateDirectory, 'departed');
/** A container with a FIFO of its name here gets no signals from its runtime (node/transship-runc). */
export const heldDirectory = join(stateDirectory, 'held');
/** A root of runc, with the containers whose state is withheld from their runtime (host/withheld-state.ts). */
export const withheldDirectory = join(stateDirectory, 'withheld');
export const keptDirectory = join(stateDirectory, 'kept');
export const criuDirectory = join(stateDirectory, 'criu');
export const journalDirectory = join(stateDirectory, 'journal');
/** A tmpfs of its own: images are memory, and must not reach a disk. */
export const imagesDirectory = join(stateDirectory, 'images');

/** On the disk of the host: what has to be known after a reboot, too. */
export const diskDirectory = '/var/lib/transship';
/** Which addresses the network of the node must not give (node/transship-ipam). */
export const leasedPath = join(diskDirectory, 'leased');
export const owedDirectory = join(diskDirectory, 'owed');

/** Put there by the installer (src/install/scripts.ts). */
export const guardPath = '/opt/transship/bin/transship-guard';
export const releasePath = '/opt/transship/bin/transship-release';
/** runc finds both as `criu` where a script puts their folders in front of the PATH (transship-guard, transship-runc). */
export const gatePath = '/opt/transship/gate/criu';
export const socketsCriuPath = '/opt/transship/sockets/criu';

/** Makes pairs of unix sockets; in the container of the agent. */
export const endsProgram = '/opt/transship/perl/ends.pl';
/** Takes sockets out of repair mode; likewise. */
export const endRepairProgram = '/opt/transship/perl/end-repair.pl';

/**
 * A path of the host as this process sees it. The agent shares the host's PID
 * namespace, so process 1 is the host's, and its root the host's root.
 */
export const onHost = (path: string): string => join('/proc/1/root', path);
