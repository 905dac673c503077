import { describe, expect, it } from 'vitest';
import { podWith } from '../migration/move-fixture.ts';
import { poolsOf } from './choice.ts';
import { poolWith } from './pool-fixture.ts';

const general = poolWith('general', '10.1.0.0/24');
const another = poolWith('another', '10.2.0.0/24');
const ofTeam = poolWith('of-team', '10.3.0.0/24', { namespaceSelector: { matchLabels: { team: 'a' } } });
const ofWeb = poolWith('of-web', '10.4.0.0/24', { podSelector: { matchLabels: { app: 'web' } } });
const ofWebOfTeam = poolWith('of-web-of-team', '10.5.0.0/24', { ...ofTeam.spec, podSelector: ofWeb.spec.podSelector });
const all = [general, another, ofTeam, ofWeb, ofWebOfTeam];

const namesFor = (labels: Record<string, string>, namespace: Record<string, string>, pools = all) =>
  poolsOf(podWith({ metadata: { labels } }), namespace, pools).map(({ metadata }) => metadata.name);

describe('a pod gets its address from', () => {
  it.each<[string, Record<string, string>, Record<string, string>, readonly string[]]>([
    ['pools without selectors, in the order of their names', { app: 'x' }, { team: 'b' }, ['another', 'general']],
    ['those of its namespace before them', { app: 'x' }, { team: 'a' }, ['of-team']],
    ['those that select it before those of its namespace', { app: 'web' }, { team: 'b' }, ['of-web']],
    ['those that select it, one after the other', { app: 'web' }, { team: 'a' }, ['of-web', 'of-web-of-team']],
  ])('%s', (_what, labels, namespace, names) => {
    expect(namesFor(labels, namespace)).toEqual(names);
  });

  it('no pool that is disabled, but from the next one that is for it', () => {
    const disabled = { ...ofTeam, spec: { ...ofTeam.spec, disabled: true } };
    expect(namesFor({}, { team: 'a' }, [general, disabled])).toEqual(['general']);
    expect(namesFor({}, { team: 'a' }, [disabled])).toEqual([]);
  });

  it('its node, when no pool is for it', () => {
    expect(namesFor({}, {}, [ofTeam, ofWeb])).toEqual([]);
    expect(namesFor({}, {}, [])).toEqual([]);
  });
});
