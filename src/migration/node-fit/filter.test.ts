import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MigrationNodeStatus } from '../../api/migration-node.ts';
import { sentenceOf } from '../../api/reasons.ts';
import type { Candidate, Demand } from './candidate.ts';
import { judge, reasonsAgainst } from './filter.ts';
import { agentOf, nodeNamed, testTime } from '../../scheduling/node-fixture.ts';

const against = (given: Candidate, asked: Demand = demand): readonly string[] =>
  reasonsAgainst(given, asked).map((refusal) => sentenceOf([refusal]));

const infoOf = (architecture: string): object => ({ containerRuntimeVersion: '', kernelVersion: '', architecture });

const sourceAgent = agentOf('w1').status as MigrationNodeStatus;

const demand: Demand = {
  source: { nodeName: 'w1', memoryBytes: 100 * 2 ** 20 },
  sourceNode: nodeNamed('w1', { status: { nodeInfo: infoOf('amd64') } }),
  sourceAgent,
  unpulledImages: [],
  maxInbound: 2,
  atFault: new Set(),
  now: testTime,
};

const candidate = (changes: Partial<Candidate> = {}): Candidate => ({
  name: 'w2',
  node: nodeNamed('w2'),
  agent: agentOf('w2'),
  inbound: 0,
  ...changes,
});

describe('a move to one node', () => {
  const demandOne = { ...demand, wanted: 'n2' };
  const onlyName = (name: string): Candidate => ({ name, node: undefined, agent: undefined, inbound: 0 });

  it('goes to no other', () => {
    const notWanted = 'NodeNotWanted: is not the node that the Migration names';
    expect(against(onlyName('n3'), demandOne)).toContain(notWanted);
    expect(against(onlyName('n2'), demandOne)).not.toContain(notWanted);
  });
});

describe('a node is refused', () => {
  const noAgent = (why: string): string => `NodeHasNoAgent: has no usable Transship agent (${why})`;
  const silentSince = new Date(testTime - 60_000).toISOString();
  const cases: [string, Candidate, string[]][] = [
    ['never, when all is well', candidate(), []],
    [
      'as the source itself, whatever else holds',
      candidate({ name: 'w1', agent: undefined }),
      ['NodeIsSource: is the source of the move'],
    ],
    ['without an agent', candidate({ agent: undefined }), [noAgent('no Transship agent has reported from it')]],
    [
      'when its agent is not ready',
      candidate({ agent: agentOf('w2', { ready: false, message: 'no CRIU' }) }),
      [noAgent('no CRIU')],
    ],
    [
      'when its agent is silent',
      candidate({ agent: agentOf('w2', { heartbeatTime: silentSince }) }),
      [noAgent('its agent has been silent')],
    ],
    [
      'when it is cordoned',
      candidate({ node: nodeNamed('w2', { spec: { unschedulable: true } }) }),
      ['NodeCordoned: is cordoned'],
    ],
    [
      'when it is decommissioned',
      candidate({
        node: nodeNamed('w2', { spec: { taints: [{ key: 'transship.dev/decommissioned', effect: 'NoSchedule' }] } }),
      }),
      ['NodeDecommissioned: is decommissioned'],
    ],
    [
      'at the inbound limit',
      candidate({ inbound: 2 }),
      ['NodeInboundLimitReached: takes 2 moves already, the limit is 2'],
    ],
    [
      'with another protocol',
      candidate({ agent: agentOf('w2', { protocol: 2 }) }),
      ["NodeProtocolDiffers: has an agent of protocol 2, the source's is 1"],
    ],
    [
      'without a CPU feature of the source',
      candidate({ agent: agentOf('w2', { cpuFeatures: ['sse4_2'] }) }),
      ['NodeLacksCPUFeatures: lacks CPU features of the source (avx)'],
    ],
    [
      'with an older CRIU',
      candidate({ agent: agentOf('w2', { criuVersion: '4.2' }) }),
      ["NodeCRIUTooOld: has CRIU 4.2, older than the source's 4.2.1"],
    ],
    [
      'with an older kernel',
      candidate({ agent: agentOf('w2', { kernelVersion: '6.1.99' }) }),
      ["NodeKernelTooOld: has the kernel 6.1.99, older than the source's 6.18.0"],
    ],
    [
      'not for an older kernel that differs in fixes only',
      candidate({ agent: agentOf('w2', { kernelVersion: '6.18.0-rc3' }) }),
      [],
    ],
    [
      'with another architecture, which says enough about its processor',
      candidate({
        node: nodeNamed('w2', { status: { nodeInfo: infoOf('arm64') } }),
        agent: agentOf('w2', { cpuFeatures: [] }),
      }),
      ["NodeArchitectureDiffers: has the architecture arm64, the source's is amd64"],
    ],
    [
      'with too little memory',
      candidate({ agent: agentOf('w2', { freeMemoryBytes: 1 }) }),
      ['NodeLacksMemory: has less free memory than the pod uses (100 MiB)'],
    ],
    [
      'for every reason that there is',
      candidate({
        node: nodeNamed('w2', { spec: { unschedulable: true } }),
        inbound: 3,
        agent: agentOf('w2', { protocol: 2, freeMemoryBytes: 1 }),
      }),
      [
        'NodeCordoned: is cordoned',
        'NodeInboundLimitReached: takes 3 moves already, the limit is 2',
        "NodeProtocolDiffers: has an agent of protocol 2, the source's is 1",
        'NodeLacksMemory: has less free memory than the pod uses (100 MiB)',
      ],
    ],
  ];
  it.each(cases)('%s', (_case, given, reasons) => {
    expect(against(given)).toEqual(reasons);
  });

  it('with a list of CPU features that stays readable', () => {
    const cpuFeatures = ['a', 'b', 'c', 'd', 'e'];
    expect(against(candidate(), { ...demand, sourceAgent: { ...sourceAgent, cpuFeatures } })).toEqual([
      'NodeLacksCPUFeatures: lacks CPU features of the source (a, b, c and 2 more)',
    ]);
  });
});

describe('a node that was at fault in an earlier attempt', () => {
  const atFault = 'NodeWasAtFault: was at fault in an earlier attempt of the move';
  const named = (name: string, changes: Partial<Candidate> = {}): Candidate =>
    candidate({ name, node: nodeNamed(name), agent: agentOf(name), ...changes });
  const cordoned = (name: string) => named(name, { node: nodeNamed(name, { spec: { unschedulable: true } }) });

  it.each<[string, Candidate[], Partial<Demand>, object]>([
    ['is refused while another fits', [named('w2'), named('w3')], {}, { w2: [atFault], w3: [] }],
    [
      'is refused beside all that is against it otherwise',
      [cordoned('w2'), named('w3')],
      {},
      { w2: ['NodeCordoned: is cordoned', atFault], w3: [] },
    ],
    ['may be tried again when it is the only one', [named('w2')], {}, { w2: [] }],
    [
      'may be tried again when no other fits',
      [named('w1'), named('w2'), cordoned('w3')],
      {},
      { w1: ['NodeIsSource: is the source of the move'], w2: [], w3: ['NodeCordoned: is cordoned'] },
    ],
    [
      'may be tried again when all that fit were at fault',
      [named('w2'), named('w3')],
      { atFault: new Set(['w2', 'w3']) },
      { w2: [], w3: [] },
    ],
    [
      'may be tried again when the Migration names it',
      [named('w2'), named('w3')],
      { wanted: 'w2' },
      { w2: [], w3: ['NodeNotWanted: is not the node that the Migration names'] },
    ],
  ])('%s', (_what, candidates, changes, expected) => {
    const judged = judge(candidates, { ...demand, atFault: new Set(['w2']), ...changes });
    expect(
      Object.fromEntries(
        judged.map((each) => [each.candidate.name, each.against.map((refusal) => sentenceOf([refusal]))]),
      ),
    ).toEqual(expected);
  });

  it('never leaves a move without a place that it would have had', () => {
    const names = ['w2', 'w3', 'w4'];
    fc.assert(
      fc.property(fc.subarray(names), fc.subarray(names), (faulty, unfit) => {
        const candidates = names.map((name) => (unfit.includes(name) ? cordoned(name) : named(name)));
        const fit = (atFaultNow: string[]) =>
          judge(candidates, { ...demand, atFault: new Set(atFaultNow) })
            .filter((each) => each.against.length === 0)
            .map((each) => each.candidate.name);
        const able = fit([]);
        const better = able.filter((name) => !faulty.includes(name));
        expect(fit(faulty)).toEqual(better.length > 0 ? better : able);
      }),
    );
  });
});

describe('an image that the pod lets no node pull', () => {
  const image = 'docker.io/library/redis:8';
  const asked: Demand = { ...demand, unpulledImages: [image] };
  const refused = [`ImageNotAvailable: does not have ${image}, which the pod lets no node pull`];
  const having = (...images: (readonly string[])[]): Candidate =>
    candidate({ node: nodeNamed('w2', { status: { images: images.map((names) => ({ names })) } }) });
  const others = (count: number): (readonly string[])[] => Array.from({ length: count }, (_, i) => [`other:${i}`]);

  it.each<[string, Candidate, readonly string[]]>([
    ['refuses a node that does not have it', having(['redis:7'], ['postgres:17']), refused],
    ['does not refuse a node that has it', having(['postgres:17'], ['redis:8']), []],
    ['does not refuse a node of which nothing is known', candidate({ node: undefined }), []],
    ['does not refuse a node whose kubelet could not tell', having(), []],
    ['does not refuse a node that tells of its largest images only', having(...others(50)), []],
    ['does not refuse a node that tells of some names of an image only', having(['a', 'b', 'c', 'd', 'e']), []],
  ])('%s', (_what, given, expected) => {
    expect(against(given, asked)).toEqual(expected);
  });

  it('is meant as latest when it has no tag', () => {
    const untagged = { ...demand, unpulledImages: ['localhost:5000/web'] };
    expect(against(having(['localhost:5000/web:latest']), untagged)).toEqual([]);
    expect(against(having(['localhost:5000/web:1']), untagged)).toHaveLength(1);
  });
});

describe('what is against a node may pass', () => {
  const passes = (given: Partial<Candidate>): boolean[] =>
    reasonsAgainst(candidate(given), demand).map((refusal) => refusal.passes);
  const createdAgo = (ms: number): Candidate['node'] => {
    const node = nodeNamed('w2');
    return { ...node, metadata: { ...node.metadata, creationTimestamp: new Date(testTime - ms).toISOString() } };
  };

  it.each<[string, Partial<Candidate>, boolean]>([
    ['when it is cordoned', { node: nodeNamed('w2', { spec: { unschedulable: true } }) }, true],
    ['when it takes as many moves as it may', { inbound: 2 }, true],
    ['when its agent is of another version', { agent: agentOf('w2', { protocol: 2 }) }, true],
    ['when it has too little memory free', { agent: agentOf('w2', { freeMemoryBytes: 0 }) }, true],
    ['when its agent is not ready', { agent: agentOf('w2', { ready: false }) }, true],
    ['when it is so new that its agent may be yet to come', { agent: undefined, node: createdAgo(60_000) }, true],
    ['but not when it has been without an agent for long', { agent: undefined, node: createdAgo(3_600_000) }, false],
    ['but not when its processor cannot do it', { agent: agentOf('w2', { cpuFeatures: [] }) }, false],
    ['but not when its kernel is too old', { agent: agentOf('w2', { kernelVersion: '5.15' }) }, false],
    ['but not when its CRIU is too old', { agent: agentOf('w2', { criuVersion: '3.17' }) }, false],
  ])('%s', (_what, given, expected) => {
    expect(passes(given)).toEqual([expected]);
  });
});

const anyAgent = fc.record({
  ready: fc.boolean(),
  protocol: fc.integer({ min: 1, max: 2 }),
  cpuFeatures: fc.subarray(['avx', 'sse4_2', 'amx']),
  criuVersion: fc.constantFrom('4.1', '4.2.1', '4.3'),
  freeMemoryBytes: fc.constantFrom(0, 2 ** 30),
});

describe('whatever the nodes are', () => {
  it('the source is never a target of its own', () => {
    fc.assert(
      fc.property(anyAgent, fc.nat(5), (status, inbound) => {
        expect(reasonsAgainst(candidate({ name: 'w1', agent: agentOf('w1', status), inbound }), demand)).not.toEqual(
          [],
        );
      }),
    );
  });

  it('a node fits exactly when it can do all that the source can', () => {
    fc.assert(
      fc.property(anyAgent, fc.nat(5), (status, inbound) => {
        const able =
          status.ready && status.protocol === 1 && status.criuVersion !== '4.1' && status.freeMemoryBytes > 0;
        const featured = ['avx', 'sse4_2'].every((feature) => status.cpuFeatures.includes(feature));
        const fits = reasonsAgainst(candidate({ agent: agentOf('w2', status), inbound }), demand).length === 0;
        expect(fits).toBe(able && featured && inbound < demand.maxInbound);
      }),
    );
  });

  it('one more move to a node never makes it fit', () => {
    fc.assert(
      fc.property(anyAgent, fc.nat(5), (status, inbound) => {
        const at = (moves: number): number =>
          reasonsAgainst(candidate({ agent: agentOf('w2', status), inbound: moves }), demand).length;
        expect(at(inbound + 1)).toBeGreaterThanOrEqual(at(inbound));
      }),
    );
  });
});
