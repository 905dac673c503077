import { kubectl } from '../../../cluster/kubectl.ts';
import type { Client } from '../../case.ts';
import { flagCases } from './flags.ts';
import { patienceCases } from './patience.ts';
import { selectionCases } from './selection.ts';

export const kubectlDrain: Client = {
  name: 'kubectl drain',
  note: 'The program itself, with `--ignore-daemonsets` and what the table names.',
  version: async () => {
    const { clientVersion } = JSON.parse(await kubectl('version', '--client', '-o', 'json')) as {
      clientVersion: { gitVersion: string };
    };
    return clientVersion.gitVersion;
  },
  cases: [...patienceCases, ...selectionCases, ...flagCases],
};
