import { setTimeout as sleep } from 'node:timers/promises';
import { nodeNamed } from '../../../lab/cluster.ts';
import { loadImageInto } from '../../../lab/images/load.ts';
import { outcomeInNode, runInNode } from '../../../lab/node-exec.ts';
import { tickerArchive, tickerTag } from '../workload/image.ts';
import { type Fault, type Side, sides } from './fault.ts';

const images = '/run/transship/images';

/**
 * Makes the tmpfs as small as what is in it, and takes the rest: really full,
 * and without gigabytes of memory. Prints the options to restore.
 */
const fill = `
  set -e
  mountpoint -q "$1"
  size=$(findmnt -n -o OPTIONS --target "$1" | tr , '\\n' | grep ^size= || echo size=50%)
  used=$(df --output=used -k "$1" | tail -n 1)
  mount -o "remount,size=$((used + 64))k" "$1"
  dd if=/dev/zero of="$1/.fault" bs=4k count=1024 2>/dev/null || :
  [ "$(df --output=avail -k "$1" | tail -n 1)" -eq 0 ]
  echo "$size"
`;

const empty =
  'rm -f "$1/.fault" && mount -o "remount,$2" "$1" && [ "$(df --output=avail -k "$1" | tail -n 1)" -gt 1024 ]';

const full = (side: Side): Fault => ({
  name: `${side}-images-full`,
  what: `the room for images on the ${side} is full`,
  touches: 'pair',
  async inject(scene) {
    const node = scene[side];
    const size = (await runInNode(node, ['sh', '-c', fill, 'fill', images])).trim();
    return { undo: () => runInNode(node, ['sh', '-c', empty, 'empty', images, size]) };
  },
});

/** containerd keeps an image under each of its names, and the kubelet asks for any of them. */
const removals = {
  containerd:
    'id=$(ctr -n k8s.io images ls -q | grep -F "$1") && digest=$(ctr -n k8s.io images ls "name==$1" | awk "NR==2{print \\$3}") && ctr -n k8s.io images ls | awk -v d="$digest" "\\$3==d{print \\$1}" | xargs ctr -n k8s.io images rm --sync >/dev/null && ! ctr -n k8s.io images ls -q | grep -qF "$1"',
  docker: 'docker image rm --force "$1" >/dev/null && ! docker image inspect "$1" >/dev/null 2>&1',
} as const;

/**
 * Before dockerd removes an image it looks at every container, and waits for one that is being started, as a target is
 * while it waits for its image: the move would wait for the fault, and the fault for the move.
 */
const withinMs = 300;

const presence = {
  containerd: 'ctr -n k8s.io images ls -q | grep -qF "$1"',
  docker: 'docker image inspect "$1" >/dev/null',
} as const;

export const storageFaults: readonly Fault[] = [
  ...sides.map(full),
  {
    name: 'image-not-pullable',
    what: 'the image of the pod is taken from the target, and no registry has it',
    touches: 'pair',
    async inject({ target }) {
      const { runtime } = nodeNamed(target);
      const removal = runInNode(target, ['sh', '-c', removals[runtime], 'remove', tickerTag]);
      removal.catch(() => undefined); // told by `undo`
      await Promise.race([removal, sleep(withinMs)]);
      return {
        async undo() {
          await removal;
          await loadImageInto(await tickerArchive(), [target]);
          const { code } = await outcomeInNode(target, ['sh', '-c', presence[runtime], 'look', tickerTag]);
          if (code !== 0) throw new Error(`node ${target} has no image ${tickerTag}`);
        },
      };
    },
  },
];
