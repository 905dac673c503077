import { migrationsIn } from '../../../cluster/migrations.ts';
import type { Case } from '../../case.ts';
import { ofAll } from '../../claims.ts';
import type { Scene } from '../../scene.ts';
import { movedClaims, redisOn, type Subject } from '../../subject.ts';
import { drain, type Ending, patiently, wasInterrupted } from '../../terminal.ts';

/** What an eviction is told that has become a move. */
const refusal = 'Eviction triggered evacuation of pod';

/** In one line: what has become of the eviction of the pod, and the very Migration that there is. */
const namesMigration = async ({ namespace }: Scene, { pod }: Subject, { said }: Ending): Promise<boolean> => {
  const [move] = await migrationsIn(namespace);
  const parts = [
    `${refusal} ${namespace}/${pod.metadata.name}`,
    `Migration ${namespace}/${move?.metadata.name ?? 'none'} `,
  ];
  return said.split('\n').some((line) => parts.every((part) => line.includes(part)));
};

const longEnough: Case = {
  does: '`--timeout=60s`',
  outcome: 'is told to try again, and by which Migration; ends with 0 when the pod has moved',
  async attempt(scene) {
    const subject = await redisOn(scene);
    const ending = await drain(scene, [patiently]);
    const { code, said } = ending;
    return {
      'it ends with 0': code === 0,
      'it says that it will retry after 5 s': said.includes('(will retry after 5s)'),
      'it names the Migration': await namesMigration(scene, subject, ending),
      'it says that the node is drained': said.includes(`node/${scene.from} drained`),
      ...(await movedClaims(scene, subject)),
    };
  },
};

const tooShort: Case = {
  does: '`--timeout=2s`, then once more with `--timeout=60s`',
  outcome: 'gives up with 1; the move goes on all the same, and the second drain ends with 0',
  async attempt(scene) {
    const subject = await redisOn(scene);
    const first = await drain(scene, ['--timeout=2s']);
    const second = await drain(scene, [patiently]);
    return {
      'the first ends with 1': first.code === 1,
      'it says that its time is up': first.said.includes('global timeout reached: 2s'),
      'the second ends with 0': second.code === 0,
      ...(await movedClaims(scene, subject)),
    };
  },
};

const interrupted: Case = {
  does: 'interrupted with Ctrl-C once it is told to try again, then repeated',
  outcome: 'the move goes on; the second drain joins it and ends with 0',
  inShort: true,
  async attempt(scene) {
    const subject = await redisOn(scene);
    const first = await drain(scene, [], { interruptAt: refusal });
    const second = await drain(scene, [patiently]);
    return {
      'the signal ends the first': wasInterrupted(first),
      'the second ends with 0': second.code === 0,
      ...(await movedClaims(scene, subject)),
    };
  },
};

const twoAtOnce: Case = {
  does: 'two drains of one node at once, with two pods on it',
  outcome: 'both end with 0; each pod is moved once',
  inShort: true,
  async attempt(scene) {
    const subjects = await Promise.all(['redis-a', 'redis-b'].map((app) => redisOn(scene, { app })));
    const endings = await Promise.all([drain(scene, [patiently]), drain(scene, [patiently])]);
    const moved = await Promise.all(subjects.map((subject) => movedClaims(scene, subject)));
    return { 'both end with 0': endings.every(({ code }) => code === 0), ...ofAll(...moved) };
  },
};

/** A drain that has little patience, or a person who has, and more than one of them. */
export const patienceCases: readonly Case[] = [longEnough, tooShort, interrupted, twoAtOnce];
