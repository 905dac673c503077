import { deployPod, type DeploymentOptions } from './deployment.ts';
import { kubectl } from './kubectl.ts';
import type { PodView } from './redis.ts';

/*
 * Two containers that are connected by unix sockets on a volume: one writes as
 * fast as it may, the other reads more slowly, so that there is always something
 * that was written and not read. Python, because Node.js knows no packets.
 */

/** What they have seen they write into a file now and then, in one piece. */
const common = (name: string): string => `
import array, fcntl, json, os, socket, threading, time
seen = {'word': os.urandom(8).hex()}
def tell():
    while True:
        with open('/talk/${name}.new', 'w') as file: file.write(json.dumps(seen) + '\\n')
        os.rename('/talk/${name}.new', '/talk/${name}')
        time.sleep(0.02)
`;

/** Every record is its number in 8 bytes; a packet is longer by up to a hundred. */
const reader = `${common('reader')}
seen.update(read=0, unread=0, jumps=0, ended=0, packets=0, packetJumps=0, packetsEnded=0)
FIONREAD = 0x541b
def accepted(path, kind):
    listening = socket.socket(socket.AF_UNIX, kind)
    listening.bind(path)
    listening.listen(1)
    return listening.accept()[0]
def read_bytes():
    stream = accepted('/talk/stream', socket.SOCK_STREAM)
    left = b''
    while True:
        got = stream.recv(64)
        if not got:
            seen['ended'] += 1
            return
        left += got
        while len(left) >= 8:
            number, left = int.from_bytes(left[:8], 'big'), left[8:]
            if number != seen['read'] + 1: seen['jumps'] += 1
            seen['read'] = number
        unread = array.array('i', [0])
        fcntl.ioctl(stream, FIONREAD, unread)
        seen['unread'] = unread[0]
        time.sleep(0.002)
def read_packets():
    packets = accepted('/talk/packets', socket.SOCK_SEQPACKET)
    while True:
        got = packets.recv(4096)
        if not got:
            seen['packetsEnded'] += 1
            return
        number = int.from_bytes(got[:8], 'big')
        if number != seen['packets'] + 1 or len(got) != 8 + number % 100: seen['packetJumps'] += 1
        seen['packets'] = number
        time.sleep(0.002)
threading.Thread(target=read_bytes).start()
threading.Thread(target=read_packets).start()
tell()
`;

const writer = `${common('writer')}
seen.update(written=0, packets=0, broken=0)
def connected(path, kind):
    while True:
        try:
            made = socket.socket(socket.AF_UNIX, kind)
            made.connect(path)
            return made
        except OSError:
            time.sleep(0.05)
stream = connected('/talk/stream', socket.SOCK_STREAM)
packets = connected('/talk/packets', socket.SOCK_SEQPACKET)
def write(to, count, record):
    number = 0
    while not os.path.exists('/talk/over'):
        number += 1
        try:
            to.sendall(record(number))
        except OSError:
            seen['broken'] += 1
            return
        seen[count] = number
    to.close()
threading.Thread(target=write, args=(stream, 'written', lambda n: n.to_bytes(8, 'big'))).start()
threading.Thread(target=write, args=(packets, 'packets', lambda n: n.to_bytes(8, 'big') + bytes(n % 100))).start()
tell()
`;

const container = (name: string, program: string) => ({
  name,
  image: 'docker.io/local/node:1',
  imagePullPolicy: 'IfNotPresent',
  command: ['python3', '-c', program],
  readinessProbe: { exec: { command: ['test', '-e', `/talk/${name}`] }, periodSeconds: 1 },
  volumeMounts: [{ name: 'talk', mountPath: '/talk' }],
});

export const deployTalkers = (options: DeploymentOptions): Promise<PodView> =>
  deployPod(options, {
    containers: [container('reader', reader), container('writer', writer)],
    volumes: [{ name: 'talk', emptyDir: {} }],
  });

export interface Talk {
  readonly reader: {
    readonly word: string;
    readonly read: number;
    /** Bytes that had arrived when it last looked. */
    readonly unread: number;
    readonly jumps: number;
    readonly ended: number;
    readonly packets: number;
    readonly packetJumps: number;
    readonly packetsEnded: number;
  };
  readonly writer: {
    readonly word: string;
    readonly written: number;
    readonly packets: number;
    readonly broken: number;
  };
}

const inside = (namespace: string, pod: string, ...command: readonly string[]): Promise<string> =>
  kubectl('exec', '-n', namespace, pod, '-c', 'reader', '--', ...command);

/** What both have counted. */
export const talkOf = async (namespace: string, pod: string): Promise<Talk> => {
  const lines = (await inside(namespace, pod, 'cat', '/talk/writer', '/talk/reader')).split('\n');
  const [writerSeen, readerSeen] = lines.filter(Boolean).map((line) => JSON.parse(line) as unknown);
  return { writer: writerSeen as Talk['writer'], reader: readerSeen as Talk['reader'] };
};

/** Lets the writer close both of its sockets. */
export const endTalk = async (namespace: string, pod: string): Promise<void> => {
  await inside(namespace, pod, 'touch', '/talk/over');
};
