import { nodeStates, type NodeState } from './api.ts';
import { nodes, type LabNode } from './cluster.ts';
import { services } from './config/files.ts';
import { networkOfLab } from './network-kind.ts';
import { nodePid } from './node-exec.ts';
import { daemonsDown } from './node/daemons.ts';

const columns = ['NODE', 'ADDRESS', 'RUNTIME', 'PID', 'DAEMONS', 'READY', 'PODS'] as const;

/** Prints a table of the nodes; true when all of the lab is well. */
export async function printStatus(): Promise<boolean> {
  const states = await nodeStates().catch(() => []);
  const rows = await Promise.all(
    nodes.map((node) =>
      row(
        node,
        states.find(({ name }) => name === node.name),
      ),
    ),
  );
  const table = [columns, ...rows.map(({ cells }) => cells)];
  const widths = columns.map((_, column) => Math.max(...table.map((cells) => (cells[column] ?? '').length)));
  for (const cells of table)
    console.log(
      cells
        .map((cell, column) => cell.padEnd((widths[column] ?? 0) + 2))
        .join('')
        .trimEnd(),
    );
  if (rows.every(({ pid }) => pid === undefined)) console.log('the lab is down; `make lab-up` starts it');
  else console.log(`network: ${networkOfLab()}`);
  return rows.every(({ well }) => well);
}

interface Row {
  readonly cells: readonly string[];
  readonly pid: number | undefined;
  readonly well: boolean;
}

async function row(node: LabNode, state: NodeState | undefined): Promise<Row> {
  const pid = nodePid(node);
  const down = pid === undefined ? services(node, networkOfLab()) : await daemonsDown(node);
  const role = node.controlPlane ? `${node.runtime}, control plane` : node.runtime;
  const process = pid === undefined ? 'down' : String(pid);
  return {
    cells: [node.name, node.address, role, process, daemonsCell(node, down), readyCell(state), state?.podCidr ?? ''],
    pid,
    well: down.length === 0 && state?.ready === true,
  };
}

function daemonsCell(node: LabNode, down: readonly string[]): string {
  const known = services(node, networkOfLab()).length;
  const running = `${String(known - down.length)}/${String(known)}`;
  const some = down.length > 0 && down.length < known;
  return some ? `${running} (down: ${down.join(', ')})` : running;
}

function readyCell(state: NodeState | undefined): string {
  if (!state) return 'unknown';
  return `${state.ready ? 'yes' : 'no'}${state.cordoned ? ', cordoned' : ''}`;
}
