import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Artefact, artefactFolder } from '../../../lab/cache/artefact.ts';
import { network } from '../../../lab/cluster.ts';
import { run } from '../../../lab/process.ts';
import { readSighting, type Sighting, sightingBytes } from './sighting.ts';

const source = join(import.meta.dirname, 'witness.c');

const program: Artefact = {
  name: 'fault-witness',
  describe: 'building the witness of the tests of faults',
  files: [source],
  build: async (folder, log) => {
    await run('gcc', ['-O2', '-Wall', '-o', join(folder, 'witness'), source], { log });
  },
};

export interface Witness {
  /** Rejects when the witness ends before it was closed. */
  readonly ended: Promise<never>;
  close(): Promise<void>;
}

/** Watches the bridge of the lab: all that its nodes send to its host passes there. */
export const startWitness = async (port: number, onSighting: (sighting: Sighting) => void): Promise<Witness> => {
  const child = spawn(join(await artefactFolder(program), 'witness'), [network.bridge, String(port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let rest: Buffer = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (; bytes.length >= sightingBytes; bytes = bytes.subarray(sightingBytes)) onSighting(readSighting(bytes));
    rest = bytes;
  });
  let closing = false;
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => {
      if (!closing) reject(new Error(`the witness ended with code ${String(code)}`));
    });
  });
  ended.catch(() => undefined); // whoever waits for something else at the same time is told
  await once(child, 'spawn');
  return {
    ended,
    async close() {
      closing = true;
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
};
