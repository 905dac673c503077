import { agentFaults } from './agents.ts';
import { answerFaults } from './answers.ts';
import { controllerFaults } from './controllers.ts';
import { daemonFaults } from './daemons.ts';
import type { Fault } from './fault.ts';
import { networkFaults } from './network.ts';
import { nodeFaults } from './nodes.ts';
import { objectFaults } from './objects.ts';
import { programFaults } from './programs.ts';
import { storageFaults } from './storage.ts';

export const faults: readonly Fault[] = [
  ...agentFaults,
  ...controllerFaults,
  ...programFaults,
  ...daemonFaults,
  ...answerFaults,
  ...networkFaults,
  ...nodeFaults,
  ...objectFaults,
  ...storageFaults,
];
