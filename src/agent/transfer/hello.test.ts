import { describe, expect, it } from 'vitest';
import { encodeMessage, type Message, protocolVersion } from './frame.ts';
import { expectHello } from './hello.ts';
import { openPair } from './pair-fixture.ts';

const never = new AbortController().signal;
const nodes = { peer: 'n1', here: 'n3' };
const ours: Message = {
  say: 'hello',
  protocol: protocolVersion,
  migrationUID: 'u',
  attempt: 2,
  mapped: [{ container: 'web', paths: ['/bin/x'] }],
};

/** What comes of bytes that a source sends first. */
const hear = (bytes: Buffer) => {
  const { target, there } = openPair();
  there.write(bytes);
  return expectHello(target, nodes, never);
};
/** A message as another version may say it. */
const saying = (message: object): Buffer => encodeMessage(message as Message);

describe('a hello', () => {
  it('of the same version is understood', async () => {
    expect(await hear(encodeMessage(ours))).toEqual(ours);
  });

  it.each([
    ['of the version before', { ...ours, protocol: protocolVersion - 1 }],
    ['of the version before, which had no attempt', { say: 'hello', protocol: 1, migrationUID: 'u', mapped: [] }],
    ['of a later version', { ...ours, protocol: protocolVersion + 1, mapped: { everything: true } }],
    ['of which only the version can be read', { say: 'hello', protocol: 9 }],
  ])('%s is refused with both versions and both nodes', async (_which, hello) => {
    await expect(hear(saying(hello))).rejects.toMatchObject({
      reason: 'ProtocolMismatch',
      message: `Node n1 speaks version ${hello.protocol} of the agents' protocol, node n3 version ${protocolVersion}`,
    });
  });

  it.each([
    ['of this version without what belongs to it', { say: 'hello', protocol: protocolVersion }],
    ['that is none', { say: 'ready' }],
  ])('%s is malformed', async (_which, said) => {
    await expect(hear(saying(said))).rejects.toMatchObject({ reason: 'StreamMalformed' });
  });

  it('is what a source has to begin with', async () => {
    await expect(hear(saying({ say: 'ready' }))).rejects.toThrow(
      'Expected the other agent to say "hello", got "ready"',
    );
  });
});
