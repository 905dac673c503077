import { ReasonedError } from '../../api/reasons.ts';
import { type Channel, nextOf } from './channel.ts';
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
  const hello = await nextOf(channel, ['hello', 'foreignHello'], signal);
  if (hello.say === 'hello') return hello;
  throw new ReasonedError(
    'ProtocolMismatch',
    `Node ${peer} speaks version ${hello.protocol} of the agents' protocol, node ${here} version ${protocolVersion}`,
  );
};
