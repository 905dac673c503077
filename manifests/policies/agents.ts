import { group, version } from '../../src/api/group.ts';
import { agentLabel } from '../../src/api/names.ts';
import { isAgent, nodesOfToken } from './identity.ts';
import type { Check, Concern, Policy } from './policy.ts';

/*
 * RBAC gives one set of rights to the agents of all nodes. What each of them may
 * say of a node is said here: only of its own, so that whoever has taken over
 * one node can neither close nor claim another. One policy a kind, because the
 * API server checks the fields that an expression names against each kind.
 */

const ofTheirNode = (what: string, concern: Concern, about: string): Policy => ({
  name: `agent-${what}.${group}`,
  concern,
  conditions: { 'is-an-agent': isAgent },
  variables: { nodes: nodesOfToken, about },
  checks: [
    {
      expression: 'variables.about in variables.nodes',
      message: {
        cel: "'the agent of node ' + variables.nodes.join(', ') + ' may write nothing of node ' + variables.about",
      },
    },
  ],
});

const mapsOf = (field: 'labels' | 'annotations') => ({
  is: `object.metadata.?${field}.orValue({})`,
  was: `oldObject.metadata.?${field}.orValue({})`,
});

const labels = mapsOf('labels');
const annotations = mapsOf('annotations');
const isOurs = `label == '${agentLabel}'`;

const nothingButTheLabel: Check = {
  expression: [
    'object.spec == oldObject.spec',
    `${annotations.is} == ${annotations.was}`,
    `${labels.is}.all(label, ${isOurs} || (label in ${labels.was} && ${labels.is}[label] == ${labels.was}[label]))`,
    `${labels.was}.all(label, ${isOurs} || label in ${labels.is})`,
  ].join(' && '),
  message: `an agent may change nothing of its Node but the label ${agentLabel}`,
};

const nodes = ofTheirNode(
  'nodes',
  { group: '', version: 'v1', resources: ['nodes'], operations: ['UPDATE'] },
  'object.metadata.name',
);

const reports = ofTheirNode(
  'reports',
  { group, version, resources: ['migrationnodes', 'migrationnodes/status'], operations: ['CREATE', 'UPDATE'] },
  'object.metadata.name',
);

const leases = ofTheirNode(
  'leases',
  { group, version, resources: ['ipleases'], operations: ['CREATE'] },
  'object.spec.nodeName',
);

export const agents: readonly Policy[] = [{ ...nodes, checks: [...nodes.checks, nothingButTheLabel] }, reports, leases];
