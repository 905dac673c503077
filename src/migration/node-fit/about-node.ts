import * as closed from '../../api/closed-node.ts';
import { architectureOf } from '../../api/pod.ts';
import { lacksForSure } from './images.ts';
import { forGood, forNow, type Objection } from './refusal.ts';

/**
 * Not an affinity of the target: that would bind the pod to the node for the
 * rest of its life, and the targets of its later moves with it.
 */
export const isNotWanted: Objection = ({ name }, { wanted }) =>
  wanted === undefined || wanted === name
    ? undefined
    : forGood('NodeNotWanted', 'is not the node that the Migration names');

/** The ordinary scheduler heeds it too, but a source's tolerations are copied to its target and may say otherwise. */
export const isCordoned: Objection = ({ node }) =>
  node && closed.isCordoned(node) ? forNow('NodeCordoned', 'is cordoned') : undefined;

export const isDecommissioned: Objection = ({ node }) =>
  node && closed.isDecommissioned(node) ? forGood('NodeDecommissioned', 'is decommissioned') : undefined;

export const isBusy: Objection = ({ inbound }, { maxInbound }) =>
  inbound >= maxInbound
    ? forNow('NodeInboundLimitReached', `takes ${inbound} moves already, the limit is ${maxInbound}`)
    : undefined;

/** A kubelet that has not registered yet says none. */
export const hasOtherArchitecture: Objection = ({ node }, { sourceNode }) => {
  const [its, sources] = [node, sourceNode].map((each) => each && architectureOf(each));
  return its && sources && its !== sources
    ? forGood('NodeArchitectureDiffers', `has the architecture ${its}, the source's is ${sources}`)
    : undefined;
};

export const lacksImage: Objection = ({ node }, { unpulledImages }) => {
  const lacking = node ? unpulledImages.filter((image) => lacksForSure(node, image)) : [];
  return lacking.length > 0
    ? forGood('ImageNotAvailable', `does not have ${lacking.join(', ')}, which the pod lets no node pull`)
    : undefined;
};
