import { deployPod, type DeploymentOptions } from './deployment.ts';
import { kubectl } from './kubectl.ts';
import type { PodView } from './redis.ts';

/*
 * Two containers with SysV objects: one has a segment attached and counts in it,
 * and sends the numbers through a queue to the other, which takes its turn with a
 * semaphore. Perl, because neither Node.js nor Python's own modules know of them.
 */

const common = `
use strict; use warnings;
sub rest { select undef, undef, undef, $_[0] }
my $word = time . '-' . int rand 1e9;
sub tell_as { my ($name, @seen) = @_;
  open my $file, '>', "/objects/$name.new"; print $file join(' ', $word, @seen), "\\n"; close $file;
  rename "/objects/$name.new", "/objects/$name" }
`;

/** shmat(2) by its number: Perl has shmread, which attaches a segment for the moment of reading. */
const sender = `${common}
my $segment = shmget(77, 4096, 01600) // die "shmget $!";
syscall($ENV{SHMAT}, $segment + 0, 0, 0) != -1 or die "shmat $!";
my $queue = msgget(78, 01600) // die "msgget $!";
my $turns = semget(79, 1, 01600) // die "semget $!";
my ($sent, $failed) = (0, 0);
while (1) {
  shmread($segment, my $before, 0, 16) or $failed++;
  $failed++ if $sent && $before != $sent;
  $sent++;
  shmwrite($segment, sprintf('%016d', $sent), 0, 16) or $failed++;
  msgsnd($queue, pack('l! a*', 1, $sent), 0) or $failed++;
  semop($turns, pack('s3', 0, 1, 0)) or $failed++;
  tell_as('sender', $sent, $failed);
  rest(0.01);
}`;

/** It begins later than the sender, so that something always waits in the queue. */
const receiver = `${common}
my ($queue, $turns);
rest(0.1) until defined($queue = msgget(78, 0));
rest(0.1) until defined($turns = semget(79, 0, 0));
rest(1);
my ($received, $failed) = (0, 0);
while (1) {
  msgrcv($queue, my $message, 100, 0, 0) or $failed++;
  my (undef, $number) = unpack 'l! a*', $message;
  $failed++ if $number != $received + 1;
  $received = $number;
  semop($turns, pack('s3', 0, -1, 0)) or $failed++;
  tell_as('receiver', $received, $failed);
  rest(0.01);
}`;

const container = (name: string, program: string) => ({
  name,
  image: 'docker.io/local/node:1',
  imagePullPolicy: 'IfNotPresent',
  command: ['perl', '-e', program],
  env: [{ name: 'SHMAT', value: process.arch === 'x64' ? '30' : '196' }],
  readinessProbe: { exec: { command: ['test', '-e', `/objects/${name}`] }, periodSeconds: 1 },
  volumeMounts: [{ name: 'objects', mountPath: '/objects' }],
});

/** The one that has the segment is not the first: the objects go with it. */
export const deployQueuers = (options: DeploymentOptions): Promise<PodView> =>
  deployPod(options, {
    containers: [container('receiver', receiver), container('sender', sender)],
    volumes: [{ name: 'objects', emptyDir: {} }],
  });

export interface Queued {
  readonly word: string;
  readonly count: number;
  readonly failed: number;
}

export const queuedOf = async (
  namespace: string,
  pod: string,
): Promise<{ readonly sender: Queued; readonly receiver: Queued }> => {
  const files = ['/objects/sender', '/objects/receiver'];
  const said = await kubectl('exec', '-n', namespace, pod, '-c', 'receiver', '--', 'cat', ...files);
  const [sent, received] = said.split('\n').map((line) => {
    const [word = '', count, failed] = line.split(' ');
    return { word, count: Number(count), failed: Number(failed) };
  });
  if (!sent || !received) throw new Error(`Neither container has told anything: ${said}`);
  return { sender: sent, receiver: received };
};
