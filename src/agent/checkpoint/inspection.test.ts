import { describe, expect, it } from 'vitest';
import { inspectionFindings, type ProcessFacts, residentBytesOf, type SourceFacts } from './inspection.ts';

const mebibyte = 2 ** 20;
const processWith = (changes: Partial<ProcessFacts> = {}): ProcessFacts => ({
  pid: 7,
  command: 'redis-server',
  descriptors: ['socket:[123]', '/data/dump.rdb', 'anon_inode:[eventpoll]', 'anon_inode:[eventfd]', 'pipe:[9]', ''],
  residentBytes: 10 * mebibyte,
  ...changes,
});
const factsWith = (changes: Partial<SourceFacts> = {}): SourceFacts => ({
  processes: [processWith()],
  multipathSockets: 0,
  freeImageBytes: 100 * mebibyte,
  address: { ip: '10.245.0.2', prefixLength: 16 },
  ...changes,
});
const sentences = (facts: SourceFacts): readonly string[] =>
  inspectionFindings('demo/redis', facts).map(({ reason, message }) => `${reason}: ${message}`);
const withDescriptor = (descriptor: string): SourceFacts =>
  factsWith({ processes: [processWith({ descriptors: ['pipe:[9]', descriptor] })] });

describe('the processes of a source', () => {
  it('may move when they hold only what CRIU dumps', () => {
    expect(sentences(factsWith())).toEqual([]);
  });

  it.each<[string, SourceFacts, string]>([
    [
      'an io_uring',
      withDescriptor('anon_inode:[io_uring]'),
      'IOUringUsed: Process 7 (redis-server) of demo/redis has an io_uring open',
    ],
    ['multipath TCP', factsWith({ multipathSockets: 2 }), 'MultipathTCPUsed: demo/redis has 2 multipath TCP sockets'],
    ...['bpf-prog', '[perf_event]', '[fanotify]', '[userfaultfd]', '[landlock-ruleset]', '[secretmem]', 'kvm-vm'].map(
      (inode): [string, SourceFacts, string] => [
        inode,
        withDescriptor(`anon_inode:${inode}`),
        `DescriptorNotSupported: Process 7 (redis-server) of demo/redis has anon_inode:${inode} open, which CRIU cannot dump`,
      ],
    ),
    ...['/dev/nvidia0', '/dev/dri/card0', '/dev/kvm', '/dev/fuse', '/dev/vfio/1'].map(
      (device): [string, SourceFacts, string] => [
        device,
        withDescriptor(device),
        `DescriptorNotSupported: Process 7 (redis-server) of demo/redis has ${device} open, a device of the node`,
      ],
    ),
    [
      'more memory than there is room for an image',
      factsWith({ freeImageBytes: 9.5 * mebibyte }),
      'MemoryTooLarge: demo/redis has 10 MiB in memory, and its node has room for an image of 10 MiB',
    ],
  ])('may not move with %s', (_what, facts, sentence) => {
    expect(sentences(facts)).toEqual([sentence]);
  });

  it('are told everything that stands in the way, for each process', () => {
    const facts = factsWith({
      processes: [
        processWith({ descriptors: ['anon_inode:[io_uring]', '/dev/fuse'] }),
        processWith({ pid: 8, command: 'sidecar', descriptors: ['/dev/kvm', '/dev/fuse'] }),
      ],
      multipathSockets: 1,
      freeImageBytes: 0,
    });
    expect(inspectionFindings('demo/redis', facts).map((f) => f.reason)).toEqual([
      'IOUringUsed',
      'MultipathTCPUsed',
      'DescriptorNotSupported',
      'DescriptorNotSupported',
      'MemoryTooLarge',
    ]);
  });

  it('have the memory of all of them', () => {
    expect(residentBytesOf([processWith(), processWith({ residentBytes: 1 })])).toBe(10 * mebibyte + 1);
    expect(residentBytesOf([])).toBe(0);
  });
});
