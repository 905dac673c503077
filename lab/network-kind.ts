import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { stateFolder } from './cluster.ts';

/**
 * How packets get from the pods of one node to those of another: `routes` that the lab sets by hand (what other networks
 * call host-gw), or `flannel`, which has every node run flanneld and carries packets in VXLAN.
 */
export const networkKinds = ['routes', 'flannel'] as const;
export type NetworkKind = (typeof networkKinds)[number];

/** Written when a lab is made. */
export const networkKindFile = join(stateFolder, 'network');

const isKind = (text: string): text is NetworkKind => networkKinds.some((kind) => kind === text);

/** What LAB_NETWORK asks for; undefined when it asks for nothing: then a lab that runs is right as it is. */
export const wantedNetwork = (asked = process.env.LAB_NETWORK): NetworkKind | undefined => {
  if (asked === undefined || asked === '') return undefined;
  if (isKind(asked)) return asked;
  throw new Error(`LAB_NETWORK is "${asked}"; it can be ${networkKinds.join(' or ')}`);
};

/** What the lab was made with. */
export const networkOfLab = (): NetworkKind => {
  try {
    const text = readFileSync(networkKindFile, 'utf8').trim();
    return isKind(text) ? text : 'routes';
  } catch {
    return 'routes'; // there is no lab
  }
};
