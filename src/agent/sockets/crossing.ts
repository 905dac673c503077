import { release } from 'node:os';
import { ReasonedError } from '../../api/reasons.ts';
import type { ImageDirectory } from '../checkpoint/image-directory.ts';
import { inNetwork, outcomeOf, start } from '../host/command.ts';
import { between, obstaclesIn } from './between.ts';
import { noteExternals } from './externals.ts';
import { openSockets } from './open-sockets.ts';
import { listing, socketsIn } from './socket-table.ts';

/** What the containers of one pod say to each other over unix sockets, when they are stopped. */
export interface Crossing {
  /**
   * Notes for each CRIU which ends it is to leave to us. Throws SocketShared when something cannot go along.
   * @param processes of each container, in their order, all of which stand still
   * @returns why they cannot be dumped in this moment; undefined when they can
   */
  look(processes: readonly (readonly number[])[]): Promise<string | undefined>;
  /** Before the next look. */
  prepare(): void;
  close(): void;
}

/** Started before it is needed: a shell that becomes `ss` at a word. */
const prepared = (pid: number) => {
  const child = start(inNetwork(pid, ['sh', '-c', `read -r word && exec ${listing.join(' ')}`]));
  const ended = outcomeOf(child);
  ended.catch(() => undefined); // whoever asks is told
  return {
    async ask(): Promise<string> {
      child.stdin?.end('go\n');
      const { code, stdout, stderr } = await ended;
      if (code !== 0) throw new Error(`ss could not tell of the unix sockets of a pod: ${stderr.trim()}`);
      return stdout;
    },
    close: () => child.kill('SIGKILL'),
  };
};

interface Crossed {
  readonly name: string;
  readonly image: Pick<ImageDirectory, 'logs'>;
}

/** @param pid a process in the pod */
export const openCrossing = (pod: string, pid: number, containers: readonly Crossed[]): Crossing => {
  let next = prepared(pid);
  return {
    async look(processes) {
      const listed = socketsIn(await next.ask());
      const found = between(
        listed,
        containers.map(({ name }, i) => ({ name, sockets: openSockets(processes[i] ?? []) })),
      );
      const obstacles = obstaclesIn(found, release());
      if (obstacles.length > 0) throw new ReasonedError('SocketShared', `${pod} has ${obstacles.join(', ')}`);
      if (found.pending !== undefined) return found.pending;
      for (const { name, image } of containers) noteExternals(image, found.ends.get(name) ?? []);
      return undefined;
    },
    prepare() {
      next = prepared(pid);
    },
    close: () => next.close(),
  };
};
