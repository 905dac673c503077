import { group, version } from '../../src/api/group.ts';
import { next, type Phase, phases } from '../../src/api/phase.ts';
import { enteredBy, type Writer } from '../../src/api/phase-writer.ts';
import { isAgent, isController, nodesOfToken } from './identity.ts';
import type { Policy } from './policy.ts';

/*
 * The status of a Migration decides which of two pods lives, so the API server
 * itself holds what src/api says of it: who may write it, and which phase may
 * follow which. CEL only: the commit is one patch inside a freeze.
 */

const calledInFull: Readonly<Record<Writer, string>> = {
  controller: 'the controller',
  sourceAgent: "the agent of the source's node",
  targetAgent: "the agent of the target's node",
};

/** A table of phases as CEL, which writes maps and lists as JSON does. */
const byPhase = (valueOf: (phase: Phase) => unknown): string =>
  JSON.stringify(Object.fromEntries(phases.map((phase) => [phase, valueOf(phase)])));

const sentenceOf = (writers: readonly Writer[]): string => writers.map((writer) => calledInFull[writer]).join(' or ');

const side = (which: 'source' | 'target' | 'removal', field: string): string =>
  ['object', 'oldObject'].map((version) => `${version}.?status.?${which}.?${field}.orValue('')`).join(' == ');

/** Compared as they are, absent ones too: what stands for an absent one would have to be of the field's own type. */
const untouched = (field: string): string =>
  ['object', 'oldObject'].map((version) => `${version}.?status.?${field}`).join(' == ');

export const record: Policy = {
  name: `migration-status.${group}`,
  concern: { group, version, resources: ['migrations/status'], operations: ['UPDATE'] },
  variables: {
    from: "oldObject.?status.?phase.orValue('Pending')",
    to: "object.?status.?phase.orValue('Pending')",
    source: "oldObject.?status.?source.?nodeName.orValue('')",
    target: "oldObject.?status.?target.?nodeName.orValue('')",
    nodes: nodesOfToken,
    writer: [
      `${isController} ? 'controller'`,
      `!(${isAgent}) ? 'stranger'`,
      "variables.source in variables.nodes ? 'sourceAgent'",
      "variables.target in variables.nodes ? 'targetAgent' : 'bystander'",
    ].join(' : '),
    followers: `${byPhase((phase) => next[phase])}[variables.from]`,
    writers: `${byPhase((phase) => enteredBy[phase])}[variables.to]`,
  },
  checks: [
    {
      expression: "variables.writer != 'stranger'",
      message:
        'the status of a Migration decides which of two pods lives: only the controller and the agents of Transship write it. To take the move back, set spec.cancel to true',
    },
    {
      expression: "variables.writer != 'bystander'",
      message: {
        cel: "'the agent of node ' + variables.nodes.join(', ') + ' has no part in this move from node ' + variables.source + ' to node ' + variables.target",
      },
    },
    {
      expression: 'variables.to == variables.from || variables.to in variables.followers',
      message: { cel: "'a Migration that is ' + variables.from + ' cannot become ' + variables.to" },
    },
    {
      expression: 'variables.to == variables.from || variables.writer in variables.writers',
      message: {
        cel: `'only ' + ${byPhase((phase) => sentenceOf(enteredBy[phase]))}[variables.to] + ' may make a Migration ' + variables.to`,
      },
    },
    {
      expression: [
        "variables.to != 'Committed'",
        'variables.to == variables.from',
        '!(object.?spec.?cancel.orValue(false)) && !has(object.metadata.deletionTimestamp)',
        'oldObject.?status.?removal.hasValue()', // too late for that, too
      ].join(' || '),
      message: 'a move that somebody has asked to be taken back does not commit',
    },
    {
      expression: [
        "variables.writer == 'controller'",
        ['terms', 'hooks', 'announced'].map(untouched).join(' && '),
      ].join(' || '),
      message: 'an agent cannot change what a move was accepted under, nor which hooks are called: the controller does',
    },
    {
      expression: [
        "variables.writer == 'controller'",
        [
          side('source', 'nodeName'),
          side('source', 'podUID'),
          side('target', 'nodeName'),
          side('target', 'podUID'),
          side('removal', 'time'),
          side('removal', 'pod'),
        ].join(' && '),
      ].join(' || '),
      message: 'an agent cannot change which pods and nodes a move is about: the controller does',
    },
  ],
};
