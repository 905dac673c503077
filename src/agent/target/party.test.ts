import { describe, expect, it, vi } from 'vitest';
import { migrationWith, source } from '../../migration/move-fixture.ts';
import { type Member, Party } from './party.ts';
import type { Rendezvous } from './rendezvous.ts';

const migration = migrationWith({
  phase: 'Preparing',
  source: { ...source, containers: ['proxy', 'web'].map((name) => ({ name, id: `${name}-1` })) },
});

const memberCalled = (name: string) => {
  const lost = new AbortController();
  const said: string[] = [];
  const rendezvous = {
    lost: lost.signal,
    standIn: () => said.push('stand'),
    refuse: (sentence: string) => said.push(sentence),
    close: () => Promise.resolve(),
  } as unknown as Rendezvous;
  const guest = { entry: { name, id: `${name}-2`, reply: '', image: '' } } as Member['guest'];
  return { member: { guest, rendezvous }, said, lost };
};

describe('the containers of a target', () => {
  it('stand in for themselves until the last has come', () => {
    const [proxy, web] = [memberCalled('proxy'), memberCalled('web')];
    const party = new Party(migration, vi.fn());
    expect(party.join(proxy.member)).toBeUndefined();
    expect(party.has('proxy')).toBe(true);
    expect(party.join(web.member)).toEqual([proxy.member, web.member]);
    expect([proxy.said, web.said]).toEqual([['stand'], []]);
  });

  it('come in any order', () => {
    const party = new Party(migration, vi.fn());
    expect(party.join(memberCalled('web').member)).toBeUndefined();
    expect(party.join(memberCalled('proxy').member)).toHaveLength(2);
  });

  it('are those of the source', () => {
    const { member, said } = memberCalled('stranger');
    expect(() => new Party(migration, vi.fn()).join(member)).toThrow('the source has no container stranger');
    expect(said).toEqual([]);
  });

  it('wait in vain when one of them ends, until somebody else looks after them', () => {
    const onLost = vi.fn();
    const [proxy, web] = [memberCalled('proxy'), memberCalled('web')];
    const party = new Party(migration, onLost);
    party.join(proxy.member);
    const why = new Error('killed');
    proxy.lost.abort(why);
    expect(onLost).toHaveBeenCalledWith(why);

    const later = new Party(migration, onLost);
    later.join(web.member);
    later.handOver();
    web.lost.abort(why);
    expect(onLost).toHaveBeenCalledTimes(1);
  });

  it('all fail when the party is over', async () => {
    const { member, said } = memberCalled('proxy');
    const party = new Party(migration, vi.fn());
    party.join(member);
    await party.refuse('CancelRequested: no');
    expect(said).toEqual(['stand', 'CancelRequested: no']);
  });
});
