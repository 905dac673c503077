import { ReasonedError } from '../../api/reasons.ts';
import { asExpected, type Channel } from './channel.ts';
import { type Message, protocolVersion } from './frame.ts';

/**
 * The first word of a source's agent.
 * @param nodes `peer` is the node that its certificate names, `here` this one.
 * @throws ProtocolMismatch when it is of another version, whatever else that says in its hello.
 */
export const expectHello = async (
  channel: Channel,
  { peer, here }: { readonly peer: string; readonly here: string },
  signal: AbortSignal,
): Promise<Extract<Message, { say: 'hello' }>> => {
  const frame = await channel.next(signal);
  if (frame.kind === 'message' && frame.message.say === 'foreignHello')
    throw new ReasonedError(
      'ProtocolMismatch',
      `Node ${peer} speaks version ${frame.message.protocol} of the agents' protocol, node ${here} version ${protocolVersion}`,
    );
  return asExpected(frame, 'hello');
};
