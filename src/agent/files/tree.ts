import type { Clock } from '../../clock/clock.ts';
import { onHost } from '../host/paths.ts';
import type { Channel } from '../transfer/channel.ts';
import { withoutCriuFolders } from './criu-folder.ts';
import { difference, isEmpty } from './difference.ts';
import type { Enclose } from './enclosed.ts';
import { freshIn } from './fresh.ts';
import { type Lister, openLister } from './listing.ts';
import { openPacker, type Packer } from './pack.ts';
import type { Root } from './roots.ts';
import { type Layer, type Survey, surveyOf } from './survey.ts';
import { refuseTooDeep } from './too-deep.ts';
import { messagesFor, type TreeMessage } from './tree-said.ts';
import type { Life } from './vanished.ts';
import { isWrittenThrough, type WrittenThrough } from './written-through.ts';

const layerOf = ({ path, mounted }: Root): Layer | undefined =>
  mounted === undefined ? undefined : { upper: onHost(path), mounted: onHost(mounted) };

/** What one pass needs. They are started when the pass before has ended: in a freeze a start would be waited for. */
interface Programs {
  readonly lister: Lister;
  readonly packer: Packer;
}

export interface Pass {
  readonly life: Life;
  readonly written: WrittenThrough;
  readonly signal: AbortSignal;
}

/** What was not packed is neither as it was looked at, nor is the copy without it: it may have an older one. */
const withoutMissed = (survey: Survey, missed: readonly string[]): Survey => {
  if (missed.length === 0) return survey;
  const sent = new Map(survey);
  for (const name of missed) {
    const path = name.replace(/\/\.$/, '') || '.';
    const entry = sent.get(path);
    if (entry) sent.set(path, { ...entry, stamp: 'missed' });
  }
  return sent;
};

export interface TreeOptions {
  readonly channel: Channel;
  readonly clock: Clock;
  readonly enclose: Enclose;
}

/** One tree of the source, and what the target has of it. */
export class Tree {
  readonly #root: Root;
  readonly #options: TreeOptions;
  #programs: Programs;
  #sent: Survey = new Map();
  #fresh: ReadonlySet<string> = new Set();
  /** How long it took to look through it, the last time. */
  walkMs = 0;

  constructor(root: Root, options: TreeOptions) {
    this.#root = root;
    this.#options = options;
    this.#programs = this.#start();
  }

  get files(): number {
    return this.#sent.size;
  }

  /** Sends what has changed since the last pass; the first one sends everything. */
  async pass({ life, written, signal }: Pass): Promise<void> {
    const { clock } = this.#options;
    const [lookedAt, begun] = [clock.now(), clock.elapsed()];
    const { lister, packer } = this.#programs;
    const seen = await surveyOf(lister.list(life, signal), this.#sent, layerOf(this.#root));
    const now = life === 'running' ? seen : withoutCriuFolders(seen, this.#sent);
    const isOverlay = this.#root.mounted !== undefined;
    const change = difference(this.#sent, now, {
      isWritten: (path, entry) => this.#fresh.has(path) || isWrittenThrough(written, path, entry, isOverlay),
      isOverlay,
    });
    this.walkMs = clock.elapsed() - begun;
    refuseTooDeep(change.changed, this.#root.name);
    for (const message of isEmpty(change) ? [] : messagesFor(change, now)) {
      const archive = message.packed.length > 0 ? packer.pack(message.packed, life, signal) : [];
      await this.#send(message, archive, signal);
    }
    this.#sent = withoutMissed(now, packer.missed());
    if (life === 'frozen') return;
    this.#fresh = freshIn(now, lookedAt);
    this.close();
    this.#programs = this.#start();
  }

  close(): void {
    this.#programs.lister.close();
    this.#programs.packer.close();
  }

  #start(): Programs {
    const { enclose } = this.#options;
    return { lister: openLister(this.#root.path, enclose), packer: openPacker(this.#root, enclose) };
  }

  async #send(
    { removed, sockets }: TreeMessage,
    archive: AsyncIterable<Buffer> | readonly Buffer[],
    signal: AbortSignal,
  ): Promise<void> {
    const { channel } = this.#options;
    await channel.say({ say: 'tree', root: this.#root.name, removed: [...removed], sockets: [...sockets] }, signal);
    for await (const chunk of archive) await channel.send(chunk, signal);
    await channel.send(Buffer.alloc(0), signal);
  }
}
