import { describe, expect, it } from 'vitest';
import { isLeased, leftoversOf, type NodeFindings, readFindings, type Survivor } from './findings.ts';

const survivor: Survivor = { node: 'n2', ip: '10.245.3.4', isLeased: true, containers: ['c0ffee'] };
const addresses = new Map([
  ['n0', '172.30.0.10'],
  ['n1', '172.30.0.11'],
  ['n2', '172.30.0.12'],
]);
const overTwo = '10.245.3.4 via 172.30.0.12 dev eth0';

const clean = (node: string): NodeFindings => ({
  node,
  state: node === 'n2' ? ['restored/c0ffee', 'criu/c0ffee.conf'] : [],
  routes: node === 'n2' ? ['10.245.9.9 via 172.30.0.11 dev eth0'] : [overTwo],
  wrong: [],
});

const judged = (...findings: readonly NodeFindings[]) =>
  leftoversOf(findings, { pair: ['n1', 'n2'], survivor, addresses });

it('a node on which nothing is wrong has left nothing, and a restored container keeps its mark', () => {
  expect(judged(clean('n0'), clean('n1'), clean('n2'))).toEqual({ now: [], lingering: [] });
});

describe('left over is', () => {
  it.each<[string, NodeFindings, string]>([
    [
      'a route to where the pod was',
      { ...clean('n0'), routes: ['10.245.3.4 via 172.30.0.11 dev eth0'] },
      'n0: route 10.245.3.4 via 172.30.0.11 dev eth0',
    ],
    ['a missing route', { ...clean('n0'), routes: [] }, 'n0: no route to 10.245.3.4 over n2'],
    ['a route away from the pod', { ...clean('n2'), routes: [overTwo] }, `n2: route ${overTwo}`],
    ['an image', { ...clean('n1'), state: ['images/3f2a'] }, 'n1: images/3f2a'],
    [
      'whatever else the probe found',
      { ...clean('n1'), wrong: ['lock table inet CRIU-84'] },
      'n1: lock table inet CRIU-84',
    ],
  ])('%s', (_what, findings, sentence) => {
    expect(judged(findings).now).toEqual([sentence]);
  });
});

describe('for a while there may be', () => {
  it.each<[string, NodeFindings, string]>([
    ['the journal of a source', { ...clean('n1'), state: ['journal/u1'] }, 'n1: journal/u1'],
    ['the mark of another container', { ...clean('n2'), state: ['restored/beef'] }, 'n2: restored/beef'],
    [
      'a mark of the container on the other node',
      { ...clean('n1'), state: ['restored/c0ffee'] },
      'n1: restored/c0ffee',
    ],
  ])('%s', (_what, findings, sentence) => {
    expect(judged(findings)).toEqual({ now: [], lingering: [sentence] });
  });
});

it('what happens on nodes of another lane is not ours', () => {
  expect(judged({ ...clean('n0'), state: ['images/1'], wrong: ['process criu'] })).toEqual({ now: [], lingering: [] });
});

it('the output of the probe is read line by line', () => {
  const output =
    'state journal/u1\nroute 10.245.3.4 via 172.30.0.12 dev eth0 \nneighbour 10.245.3.4 dev veth1 PERMANENT\n\n';
  expect(readFindings('n1', output)).toEqual({
    node: 'n1',
    state: ['journal/u1'],
    routes: ['10.245.3.4 via 172.30.0.12 dev eth0'],
    wrong: ['neighbour 10.245.3.4 dev veth1 PERMANENT'],
  });
});

it.each<[string, string, boolean]>([
  ['of the pool', '10.245.3.4', true],
  ['of the node on which its pod is', '10.244.2.9', false],
  ['of the node that its pod has left', '10.244.1.9', true],
])('an address %s is leased or is not', (_what, ip, leased) => {
  expect(isLeased(ip, '10.244.2.0/24')).toBe(leased);
});
