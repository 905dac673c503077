import { Duplex, PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../clock/fake-clock.ts';
import type { TraceEvent } from '../../trace/event.ts';
import { ProcessTrace } from '../../trace/tracer.ts';
import { noClock } from '../../trace/vector-clock.ts';
import { openChannel } from './channel.ts';
import { converse } from './conversation.ts';
import { type Message, protocolVersion } from './frame.ts';

const agentOn = (node: string, run: string) => {
  const written: TraceEvent[] = [];
  const trace = new ProcessTrace({ run, clock: new FakeClock(), write: (event) => written.push(event) });
  return { written, trace, conversation: converse(trace.of(`agent-${node}`)) };
};

const hello: Message = { say: 'hello', protocol: protocolVersion, migrationUID: 'm', attempt: 2, mapped: [] };
const rest = () => sleep(120);
const never = new AbortController().signal;

/** Both ends of one connection, and what each has noted. */
const connect = () => {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const [near, far] = [agentOn('n1', '00000001'), agentOn('n2', '00000002')];
  const source = openChannel(Duplex.from({ readable: back, writable: there }), near.conversation);
  const target = openChannel(Duplex.from({ readable: there, writable: back }), far.conversation);
  return { source, target, near, far };
};

describe('two agents that talk', () => {
  it('note what they say and hear, each after what it was told', async () => {
    const { source, target, near, far } = connect();
    await source.say(hello);
    expect(await target.expect('hello', never)).toEqual(hello);
    await target.say({ say: 'ready' });
    await source.expect('ready', never);
    expect(near.written.map(({ label, clock, fields }) => [label, clock, fields])).toEqual([
      ['says "hello"', { 'agent-n1@00000001': 1 }, { attempt: 2 }],
      ['hears "ready"', { 'agent-n1@00000001': 2, 'agent-n2@00000002': 2 }, undefined],
    ]);
    expect(far.written.map(({ label, clock }) => [label, clock])).toEqual([
      ['hears "hello"', { 'agent-n1@00000001': 1, 'agent-n2@00000002': 1 }],
      ['says "ready"', { 'agent-n1@00000001': 1, 'agent-n2@00000002': 2 }],
    ]);
    expect([...near.written, ...far.written].map(({ migration }) => migration)).toEqual(['m', 'm', 'm', 'm']);
  });

  it('write nothing from "frozen" to "released", and everything after it', async () => {
    const { source, target, near, far } = connect();
    const saying: readonly [typeof source, Message][] = [
      [source, { say: 'frozen' }],
      [target, { say: 'routed' }],
      [target, { say: 'held' }],
      [source, { say: 'committed' }],
    ];
    await source.say(hello);
    await target.next(never);
    for (const [who, message] of saying) {
      await who.say(message);
      await (who === source ? target : source).next(never);
    }
    expect([near.written.length, far.written.length]).toEqual([1, 1]);
    await target.say({ say: 'released' });
    await source.next(never);
    await rest();
    expect(near.written.at(-1)?.label).toBe('hears "released"');
    expect([near.written.length, far.written.length]).toEqual([6, 6]);
  });

  it.each(['says', 'hears'])('write on when a side %s "failed"', async (verb) => {
    const { written, conversation } = agentOn('n1', '00000001');
    const failed: Message = { say: 'failed', reason: 'DumpFailed', message: 'no' };
    conversation.said(hello);
    conversation.said({ say: 'frozen' });
    if (verb === 'says') conversation.said(failed);
    else conversation.heard(failed, noClock);
    await rest();
    expect(written.at(-1)).toMatchObject({ label: `${verb} "failed"`, fields: { reason: 'DumpFailed' } });
  });

  it('note nothing of what is said for every file and every moment, nor before a move is named', () => {
    const { written, conversation } = agentOn('n1', '00000001');
    conversation.heard({ say: 'foreignHello', protocol: 1 }, noClock);
    conversation.heard({ say: 'ready' }, noClock);
    conversation.said(hello);
    conversation.said({ say: 'alive' });
    conversation.said({ say: 'file', container: 'redis', name: 'pages-1.img' });
    conversation.said({ say: 'tree', root: 'rootfs', removed: [] });
    expect(written).toHaveLength(1);
  });
});
