import type { NodeState } from '../api.ts';
import { nodes, type LabNode } from '../cluster.ts';
import { addPodRoutes, type PodRoute } from '../host/network.ts';
import { nodePid } from '../node-exec.ts';

/** The way to the pods of every node, as the controller manager allotted them. */
export const podRoutesOf = (states: readonly NodeState[]): readonly PodRoute[] =>
  nodes.map((via) => ({ via, podCidr: states.find(({ name }) => name === via.name)?.podCidr ?? '' }));

/** Tells a node the way to the pods of all others. */
export const connectToPods = (node: LabNode, routes: readonly PodRoute[]): Promise<void> =>
  addPodRoutes(
    routes.filter(({ via }) => via !== node),
    nodePid(node),
  );
