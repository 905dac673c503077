import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { agentClientTls, type AgentIdentity } from '../../certs/agent-tls.ts';
import type { Log } from '../../log/log.ts';
import { makeImageDirectory } from '../checkpoint/image-directory.ts';
import { openChannel } from './channel.ts';
import { listenForAgents } from './listen.ts';
import { receiveImages } from './receive-image.ts';
import { sendImage } from './send-image.ts';

const pagesBytes = 8 * 1024 * 1024;
const rounds = 3;
const roundLimitMs = 10_000;
const container = 'rehearsal';

/**
 * Sends a few images from this agent to itself before the first real one: code
 * that V8 has not compiled yet takes twice as long, and the first freeze would
 * pay for it. It also shows that certificate, TLS and the tmpfs work.
 */
export const rehearse = async (node: string, identity: AgentIdentity, log: Log): Promise<void> => {
  setFlagsFromString('--no-flush-bytecode'); // V8 forgets what it has compiled when it is not used for a while
  const stage = await makeImageDirectory('rehearsal');
  const from = join(stage.path, 'from');
  await mkdir(from);
  await writeFile(join(from, 'pages-1.img'), Buffer.alloc(pagesBytes, 1));
  for (let i = 0; i < 20; i += 1) await writeFile(join(from, `core-${i}.img`), 'core');
  const noTree = (): Promise<never> => Promise.reject(new Error('a rehearsal has no files'));
  const listener = await listenForAgents({
    host: '127.0.0.1',
    port: 0,
    identity,
    log,
    serve: async (channel) => {
      for (let round = 0; round < rounds; round += 1) {
        const to = join(stage.path, `to-${round}`);
        await mkdir(to);
        await receiveImages(channel, [{ container, directory: to }], noTree, AbortSignal.timeout(roundLimitMs));
        await rm(to, { recursive: true });
        await channel.say({ say: 'held' });
      }
    },
  });
  const socket = connect({ ...agentClientTls(identity, node), host: '127.0.0.1', port: listener.port });
  try {
    await once(socket, 'secureConnect');
    const channel = openChannel(socket);
    for (let round = 0; round < rounds; round += 1) {
      const begun = performance.now();
      await sendImage(channel, { container, directory: from }, Promise.resolve(), AbortSignal.timeout(roundLimitMs));
      await channel.expect('held', AbortSignal.timeout(roundLimitMs));
      log.info({ round, bytes: pagesBytes, tookMs: Math.round(performance.now() - begun) }, 'Rehearsed a transfer');
    }
  } finally {
    socket.destroy();
    await listener.close();
    await stage.remove();
  }
};
