import { isDecommissioned } from '../../api/closed-node.ts';
import { systemNamespace } from '../../api/group.ts';
import { decommissionedCondition } from '../../api/names.ts';
import type { Node } from '../../api/pod.ts';
import { nodes } from '../../api/resource.ts';
import { UserError } from '../failure.ts';
import type { Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import { observe } from './observe.ts';

const everyMs = 1_000;
const longestSilenceMs = 15_000;

interface Report {
  readonly isEmpty: boolean;
  readonly sentence: string;
}

const reportOf = ({ status }: Node, waitedMs: number): Report => {
  const found = status?.conditions?.find(({ type }) => type === decommissionedCondition);
  if (found)
    return {
      isEmpty: found.status === 'True',
      sentence: [found.reason, found.message].filter(Boolean).join(' · '),
    };
  const silence = `nobody has said so for ${longestSilenceMs / 1000} s; does the controller run? kubectl get pods -n ${systemNamespace}`;
  return {
    isEmpty: false,
    sentence: `waiting for the controller${waitedMs < longestSilenceMs ? '' : `: ${silence}`}`,
  };
};

const tellerOn = (terminal: Terminal): ((sentence: string) => void) => {
  let told = '';
  return (sentence) => {
    if (sentence === told) return;
    told = sentence;
    if (terminal.screens.err) terminal.screens.err.draw([sentence]);
    else terminal.err(sentence);
  };
};

/** Tells how a decommissioned node is emptied, and returns when nothing of it is left but what stays on every node. */
export const followEmptying = async (name: string, session: Session): Promise<void> => {
  const tell = tellerOn(session.terminal);
  const began = session.clock.elapsed();
  let wasTainted = false;
  const selection = { fieldSelector: `metadata.name=${name}` };
  for await (const [node] of observe(nodes, { selection, everyMs }, session)) {
    if (!node) throw new UserError(`node ${name} was deleted while it was waited for`);
    const tainted = isDecommissioned(node);
    if (wasTainted && !tainted) throw new UserError(`node ${name} is not decommissioned any more`);
    wasTainted ||= tainted;
    const { isEmpty, sentence } = reportOf(node, session.clock.elapsed() - began);
    tell(sentence);
    if (tainted && isEmpty) return;
  }
};
