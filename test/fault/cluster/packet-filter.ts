import { outcomeInNode, runInNode } from '../../../lab/node-exec.ts';

const table = 'inet transship_fault';

/** Matches of nftables, as `ip daddr 10.0.0.1 tcp dport 443`. */
export interface Dropped {
  readonly sent: readonly string[];
  readonly received?: readonly string[];
}

/**
 * Drops packets of a node's own programs, silently, as a broken cable does.
 * Before the translation of addresses, so that rules can name Services.
 */
export const cutOff = async (node: string, { sent, received = [] }: Dropped): Promise<void> => {
  const drop = (rules: readonly string[]): string => rules.map((rule) => `${rule} drop\n`).join('');
  const ruleset = `
    table ${table} {
      chain sent { type filter hook output priority -350; ${drop(sent)}
      }
      chain received { type filter hook prerouting priority -350; ${drop(received)}
      }
    }`;
  await runInNode(node, ['nft', '-f', '-'], { input: ruleset });
};

/** Takes the rules away and makes sure of it. */
export const reconnect = async (node: string): Promise<void> => {
  await outcomeInNode(node, ['nft', 'delete', 'table', ...table.split(' ')]);
  const { stdout } = await outcomeInNode(node, ['nft', 'list', 'tables']);
  if (stdout.includes(table)) throw new Error(`node ${node} still drops packets`);
};
