import { type DeploymentOptions, deployPod } from './deployment.ts';
import { kubectl } from './kubectl.ts';
import type { PodView } from './redis.ts';

/*
 * A pod with files of every kind in each place that a move takes files from: the
 * container's own layer, emptyDirs on disk and in memory, and /dev/shm.
 */

export const places = ['/own', '/disk', '/memory', '/dev/shm/own'] as const;

/**
 * Holds open what has no name any more, listens at a socket in a volume, and has something waiting in a fifo. It writes
 * without a pause: a log that grows, and one name that is a folder, a file, a link out of the volume and nothing in turn,
 * which each time has to be what it was made last. All that is in folders of their own, whose times CRIU changes: it
 * makes a deleted file by its name, and deletes it again.
 */
const holder = `
const fs = require('node:fs');
const { createHash, randomBytes } = require('node:crypto');
for (const folder of ['/own/live', '/disk/live', '/memory/live', '/dev/shm/live']) fs.mkdirSync(folder, { recursive: true });
const hold = (path, bytes) => {
  const fd = fs.openSync(path, 'w+');
  fs.writeSync(fd, randomBytes(bytes));
  fs.unlinkSync(path);
  return { fd, bytes };
};
const held = [hold('/own/live/gone', 1000), hold('/disk/live/gone', 8 << 20), hold('/memory/live/gone', 3 << 20), hold('/dev/shm/live/gone', 5)];
const digest = ({ fd, bytes }) => {
  const buffer = Buffer.alloc(bytes + 1);
  const read = fs.readSync(fd, buffer, 0, bytes + 1, 0);
  return read + ' ' + createHash('sha256').update(buffer.subarray(0, read)).digest('hex');
};
const log = fs.openSync('/disk/live/log', 'a');
let lines = 0, turns = 0, wrong = 0;
const name = '/disk/live/turning';
const ways = [
  { make: () => { fs.mkdirSync(name); fs.writeFileSync(name + '/passwd', String(turns)); },
    is: () => fs.readFileSync(name + '/passwd', 'utf8') === String(turns) },
  { make: () => { fs.rmSync(name, { recursive: true }); fs.writeFileSync(name, String(turns)); },
    is: () => fs.readFileSync(name, 'utf8') === String(turns) },
  { make: () => { fs.rmSync(name); fs.symlinkSync('../'.repeat(20) + 'etc', name); },
    is: () => fs.lstatSync(name).isSymbolicLink() },
  { make: () => fs.rmSync(name), is: () => !fs.existsSync(name) },
];
const isRight = (way) => { try { return way.is(); } catch { return false; } };
setInterval(() => {
  lines += 1;
  fs.writeSync(log, 'line ' + lines + '\\n');
  if (turns > 0 && !isRight(ways[(turns - 1) % 4])) wrong += 1;
  turns += 1;
  ways[(turns - 1) % 4].make();
}, 3);
const told = () => JSON.stringify({
  held: held.map(digest),
  turns,
  wrong,
  isLogWhole: fs.readFileSync('/disk/live/log', 'utf8') === Array.from({ length: lines }, (_, i) => 'line ' + (i + 1) + '\\n').join(''),
});
require('node:net').createServer((socket) => socket.end('alive')).listen('/disk/live/socket');
require('node:child_process').execFileSync('mkfifo', ['/disk/live/fifo']);
const fifo = fs.openSync('/disk/live/fifo', 'r+');
fs.writeSync(fifo, 'waiting');
require('node:http').createServer((_, response) => response.end(told())).listen(8080);
`;

/** Everything that a file can be, in the folder of its first argument. */
const maker = String.raw`
import os, socket, sys
os.umask(0)
top = os.fsencode(sys.argv[1])
os.makedirs(top, exist_ok=True)
os.chdir(top)
def write(name, content=b'content'):
    with open(name, 'wb') as f: f.write(content)
os.makedirs(b'd/e', 0o750); write(b'd/e/f'); write(b'empty', b'')
os.mkdir(b'sticky', 0o1777); write(b'setuid'); os.chown(b'setuid', 12, 34); os.chmod(b'setuid', 0o4711)
os.chown(b'd', 1234, 5678)
for a, b in ((b'd/e/f', b'd/hard'), (b'd/e/f', b'hard')): os.link(a, b)
for a, b in ((b'/etc', b'abs'), (b'../' * 20 + b'etc', b'up'), (b'nowhere', b'broken'), (b'd/e', b'in')): os.symlink(a, b)
with open(b'sparse', 'wb') as f: f.truncate(64 << 20); f.seek(32 << 20); f.write(b'middle')
os.mkfifo(b'fifo', 0o640)
os.mkdir(b'sockets')
s = socket.socket(socket.AF_UNIX); s.bind(b'sockets/stale'); s.close(); os.chown(b'sockets/stale', 5, 6)
os.mknod(b'null', 0o20666, os.makedev(1, 3))
if sys.argv[2] == 'volume': os.mknod(b'white', 0o20600, os.makedev(0, 0))
os.mkdir(b'names')
for name in (b'a\nb', b'c\\d', b'e\\n', b'..x', b'...', b'-rf', b'*', b'"', b"'", b' ', b'\xff\xfe', b'n' * 255, b'\\101'):
    write(b'names/' + name, name)
deep = b'/'.join([b'deep'] + [b'n' * 200] * 18); os.makedirs(deep); write(deep + b'/f')
for key in (b'user.word', b'security.capability'):
    value = b'\x01\x00\x00\x02\x00\x04\x00\x00' + b'\x00' * 12 if key.startswith(b'security') else b'a\0b'
    write(b'has ' + key); os.setxattr(b'has ' + key, key, value)
write(b'old'); os.utime(b'old', ns=(10**18, 10**18 + 123456789))
os.chown(b'.', 78, 90); os.chmod(b'.', 0o1770)
`;

/** What is done to that between two moves, and looks like one thing and is another. */
const changer = String.raw`
import os, sys
os.umask(0)
os.chdir(os.fsencode(sys.argv[1]))
def write(name, content=b'changed'):
    with open(name, 'wb') as f: f.write(content)
os.unlink(b'abs'); os.mkdir(b'abs'); write(b'abs/passwd'); write(b'abs/hostname')
os.unlink(b'up'); os.mkdir(b'up'); write(b'up/passwd')
os.unlink(b'd/e/f'); os.rmdir(b'd/e'); write(b'd/e'); os.unlink(b'in'); os.symlink(b'/etc/passwd', b'in')
os.rename(b'names/..x', b'names/..y'); os.unlink(b'names/*')
with open(b'sparse', 'r+b') as f: f.seek(5 << 20); f.write(b'more')
os.unlink(b'fifo'); write(b'fifo'); os.unlink(b'null'); os.mkdir(b'null')
os.chmod(b'.', 0o755)
`;

/** All of it, a line each: kind and mode, owner, names, size, holes, content, target, device, attributes, time of writing. */
const lister = String.raw`
import hashlib, os, stat, sys
def show(path):
    s = os.lstat(path); m = s.st_mode; out = [oct(m), '%d:%d' % (s.st_uid, s.st_gid)]
    if not stat.S_ISDIR(m): out.append('names %d' % s.st_nlink)
    if stat.S_ISREG(m):
        with open(path, 'rb') as f: digest = hashlib.sha256(f.read()).hexdigest()
        out += ['%d bytes' % s.st_size, 'holes' if s.st_blocks * 512 < s.st_size // 2 else 'full', digest]
    if stat.S_ISLNK(m): out.append('to %r' % os.readlink(path))
    if stat.S_ISCHR(m): out.append('device %d:%d' % (os.major(s.st_rdev), os.minor(s.st_rdev)))
    out += ['%s=%r' % (k, os.getxattr(path, k, follow_symlinks=False)) for k in sorted(os.listxattr(path, follow_symlinks=False))]
    if not (stat.S_ISSOCK(m) or path.endswith(b'/sockets')): out.append('at %d' % s.st_mtime_ns)
    print(repr(path), *out)
def walk(path):
    show(path)
    if stat.S_ISDIR(os.lstat(path).st_mode):
        for name in sorted(os.listdir(path)):
            if name != b'live': walk(path + b'/' + name)
for top in sys.argv[1:]: walk(os.fsencode(top))
`;

const container = {
  name: 'keeper',
  image: 'docker.io/local/node:1',
  imagePullPolicy: 'IfNotPresent',
  command: ['node', '-e', holder],
  readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
  volumeMounts: [
    { name: 'disk', mountPath: '/disk' },
    { name: 'memory', mountPath: '/memory' },
  ],
};

const python = (pod: PodView, program: string, ...args: readonly string[]): Promise<string> => {
  const { namespace, name } = pod.metadata;
  return kubectl('exec', '-n', namespace, name, '--', 'python3', '-c', program, ...args);
};

export const deployKeeper = async (options: DeploymentOptions): Promise<PodView> => {
  const pod = await deployPod(options, {
    containers: [container],
    volumes: [
      { name: 'disk', emptyDir: {} },
      { name: 'memory', emptyDir: { medium: 'Memory' } },
    ],
  });
  for (const place of places) await python(pod, maker, place, place === '/own' ? 'layer' : 'volume');
  return pod;
};

export const changeFiles = async (pod: PodView): Promise<void> => {
  for (const place of places) await python(pod, changer, place);
};

export const filesOf = async (pod: PodView): Promise<readonly string[]> =>
  (await python(pod, lister, ...places)).trim().split('\n');

/** What the process that was started first knows. */
export interface Told {
  /** Size and checksum of each file that it holds open and nobody can name. */
  readonly held: readonly string[];
  /** How often it has made something else of one name, and how often it then was not what it had made. */
  readonly turns: number;
  readonly wrong: number;
  /** Whether its log has every line that it has written, once. */
  readonly isLogWhole: boolean;
}

export const toldBy = async (pod: PodView): Promise<Told> => {
  const ask = "fetch('http://127.0.0.1:8080').then((r) => r.text()).then(console.log)";
  const said = await kubectl('exec', '-n', pod.metadata.namespace, pod.metadata.name, '--', 'node', '-e', ask);
  return JSON.parse(said) as Told;
};

/** What its socket says, and what waits in its fifo; it goes back there. */
export const aliveIn = async (pod: PodView): Promise<string> => {
  const ask = `const fs = require('node:fs');
    const fifo = fs.openSync('/disk/live/fifo', 'r+');
    const waiting = Buffer.alloc(7);
    fs.readSync(fifo, waiting);
    fs.writeSync(fifo, waiting);
    require('node:net').connect('/disk/live/socket').on('data', (said) => console.log(said + ', ' + waiting));`;
  return (await kubectl('exec', '-n', pod.metadata.namespace, pod.metadata.name, '--', 'node', '-e', ask)).trim();
};
