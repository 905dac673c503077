import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { onHost } from '../agent/host/paths.ts';
import { readHostFile, removeHostFile, writeHostFile } from './host-file.ts';
import { ownFolder } from './own-folder.ts';
import type { Step } from './step.ts';

/** Interface, or `all` or `default`, to its setting. */
const settings = z.record(z.string(), z.string());
export type Settings = z.infer<typeof settings>;

const off = '0';

/** What has to be written: a node is silent only when `all` and the interface are both off (Documentation/networking/ip-sysctl.rst). */
export const silencing = (now: Settings): Settings =>
  Object.fromEntries(Object.entries(now).flatMap(([name, value]) => (value === off ? [] : [[name, off]])));

/** What takes it back. An interface that has appeared since has got its setting from ours. */
export const speakingAgain = (now: Settings, before: Settings): Settings =>
  Object.fromEntries(
    Object.entries(now).flatMap(([name, value]) => {
      const was = before[name] ?? before['default'] ?? off;
      return value === off && was !== off ? [[name, was]] : [];
    }),
  );

const folder = '/proc/sys/net/ipv4/conf';
const pathOf = (name: string): string => join(onHost(folder), name, 'send_redirects');
const kept = join(ownFolder, 'originals', 'send-redirects.json');

const read = async (): Promise<Settings> => {
  const names = await readdir(onHost(folder));
  const found = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(pathOf(name), 'utf8').catch(() => undefined); // the interface has just gone
      return text === undefined ? [] : [[name, text.trim()] as const];
    }),
  );
  return Object.fromEntries(found.flat());
};

const write = async (changes: Settings): Promise<boolean> => {
  for (const [name, value] of Object.entries(changes)) await writeFile(pathOf(name), value).catch(() => undefined); // likewise
  return Object.keys(changes).length > 0;
};

const recall = async (): Promise<Settings | undefined> => {
  const text = await readHostFile(kept);
  return text === undefined ? undefined : settings.parse(JSON.parse(text));
};

/**
 * While a move is under way, and for as long as a client has an old route, the
 * node sends packets for a moved pod back the way they came. The kernel would
 * tell the client to go to the other node itself, and the client would do so for
 * five minutes (ip_rt_redirect, gc_timeout) whatever has become of the move: after
 * a rollback its packets went to the target.
 */
export const noRedirects: Step = {
  what: 'no ICMP redirects for addresses that move',
  async apply() {
    const now = await read();
    // After a reboot they are as the administrator has them, which is what is to be remembered then.
    if (now['all'] !== off || (await recall()) === undefined) await writeHostFile(kept, JSON.stringify(now), 0o600);
    return write(silencing(now));
  },
  async revert() {
    const before = await recall();
    if (!before) return false;
    const changed = await write(speakingAgain(await read(), before));
    await removeHostFile(kept);
    return changed;
  },
};
