import { ownVersion } from '../client-version.ts';
import type { AgentVersion, Installed, Versions } from '../cluster/versions.ts';
import { exitCode } from '../exit-code.ts';
import { type DataFormat, dataText } from '../output/data.ts';
import type { Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import type { OutputOptions } from '../usage/flags.ts';

export interface VersionOptions extends OutputOptions<DataFormat> {
  readonly client?: boolean | undefined;
}

const installedText = (what: Installed): string =>
  typeof what === 'string' ? what : `${what.version} (${what.image})`;

/** Agents of different protocols refuse each other, so each protocol is shown with its nodes. */
const protocolLines = (nodes: readonly AgentVersion[]): readonly string[] => {
  const protocols = [...new Set(nodes.map(({ protocol }) => protocol))].toSorted((a, b) => b - a);
  return protocols.map((protocol) => {
    const names = nodes.filter((each) => each.protocol === protocol).map(({ node }) => node);
    return `Agent Protocol: ${protocol} (${names.join(', ')})`;
  });
};

const linesOf = ({ client, controller, agent, nodes = [] }: Versions): readonly string[] => [
  `Client Version: ${client}`,
  ...(controller === undefined ? [] : [`Controller Version: ${installedText(controller)}`]),
  ...(agent === undefined ? [] : [`Agent Version: ${installedText(agent)}`]),
  ...protocolLines(nodes),
];

const print = async (versions: Versions, { output }: VersionOptions, terminal: Terminal): Promise<void> => {
  if (output) terminal.out(await dataText(versions, output));
  else for (const line of linesOf(versions)) terminal.out(line);
};

export const clientVersion = async (options: VersionOptions, terminal: Terminal): Promise<number> => {
  await print({ client: ownVersion }, options, terminal);
  return exitCode.done;
};

/** What could be learnt is printed also when the cluster cannot be reached, as kubectl does it. */
export const version = async (options: VersionOptions, session: Session): Promise<number> => {
  let versions: Versions = { client: ownVersion };
  try {
    // Its schemas take a third of the time that --client may take.
    const { versionsIn } = await import('../cluster/versions.ts');
    versions = await versionsIn(session);
  } finally {
    await print(versions, options, session.terminal);
  }
  return exitCode.done;
};
