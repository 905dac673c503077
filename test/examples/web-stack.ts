import type { ToldByStack } from '../workload/visitors.ts';
import type { Example } from './example.ts';
import { inside } from './inside.ts';
import { startProgram } from './program-load.ts';

const visitors = 4;
const pauseMs = 10;

/** Three containers that talk over localhost, a unix socket and shared memory. */
export const webStack: Example<ToldByStack> = {
  name: 'web-stack',

  load(pod) {
    const server = { host: pod.status.podIP ?? '', port: 80 };
    return startProgram<ToldByStack>('visitors.ts', server, String(visitors), String(pauseMs));
  },

  async differences(pod, { visits, highest, instances }) {
    // The first of its containers is Redis, and nobody else visits.
    const counted = Number(await inside(pod, 'redis-cli GET visits'));
    return [
      ...(counted === visits && counted === highest
        ? []
        : [
            `${String(visits)} visits were answered up to number ${String(highest)}, and Redis counted ${String(counted)}`,
          ]),
      ...(instances.length === 1 ? [] : ['the application was started anew']),
    ];
  },
};
