import { describe, expect, it } from 'vitest';
import { connectedContainers, type ContainerProcesses, objectsIn, unixPeersIn } from './shared.ts';

const said = `u_str ESTAB 0      0      /run/app.sock 2809933 * 2809934
u_str ESTAB 0      0                  * 2809934 * 2809933
u_dgr UNCONN 0     0      /run/systemd/notify 11 * 0
u_str LISTEN 0     511    /shared/with space.sock 12 * 0
`;

const container = (name: string, ...sockets: readonly number[]): ContainerProcesses => ({
  name,
  processes: [
    {
      pid: 1,
      command: name,
      residentBytes: 0,
      descriptors: ['/dev/null', 'pipe:[7]', ...sockets.map((ino) => `socket:[${ino}]`)],
    },
  ],
});

it('knows the two ends of each connection', () => {
  expect(unixPeersIn(said)).toEqual([
    [2809933, 2809934],
    [2809934, 2809933],
  ]);
  expect(unixPeersIn('')).toEqual([]);
});

describe('containers that are connected by unix sockets', () => {
  const peers = [
    [1, 2],
    [2, 1],
    [3, 4],
    [5, 99],
  ] as const;

  it.each<[string, readonly ContainerProcesses[], readonly string[]]>([
    [
      'are named once, however many connections there are',
      [container('web', 1, 4), container('app', 2, 3)],
      ['app and web'],
    ],
    ['are not those that are connected with themselves', [container('web', 1, 2), container('app', 3, 4)], []],
    [
      'are not those that are connected with somebody outside of the pod',
      [container('web', 5), container('app', 6)],
      [],
    ],
    [
      'are all of them',
      [container('web', 1), container('app', 2, 3), container('log', 4)],
      ['app and web', 'app and log'],
    ],
  ])('%s', (_what, containers, expected) => {
    expect(connectedContainers(containers, peers)).toEqual(expected);
  });
});

it.each([
  ['none', '       key      shmid perms\n', 0],
  ['each', '       key      shmid perms\n  1  0 600\n  2  1 600\n', 2],
])('counts %s of the objects in a table of the kernel', (_which, table, count) => {
  expect(objectsIn(table)).toBe(count);
});
