import { inHost } from '../host/command.ts';

/*
 * Whoever runs in a pod can put a symbolic link in the place of a folder at any
 * moment, also between the two looks of a program at it. A link to /etc leads a
 * program of the host to the host's /etc: what is read there would go to the
 * target with the files of the pod, and what is written there would be the host's.
 * So all programs that handle files of pods see the tree as a mount of their own
 * in which the kernel follows no link (mount(2), MS_NOSYMFOLLOW, Linux 5.10).
 */

/**
 * mount(8) of before util-linux 2.36.1 hands an option that it does not know to the file system, which lets it pass on a
 * remount. Unmounts of the host go on in here (`slave`): a volume of another pod must not stay busy for us.
 */
const script = `top=$(cd -P "$1" && pwd -P) && mount -o bind,nosymfollow "$top" "$top" && cd "$top" || exit
if ! grep -F " $top " /proc/self/mountinfo | grep -q nosymfollow; then
  echo "mount of this node cannot mount with nosymfollow (util-linux 2.36.1, Linux 5.10)" >&2
  exit 1
fi
shift
exec "$@"`;

/** The same command, begun in a tree that no link leads out of. All programs but the last are replaced by it. */
export type Enclose = (tree: string, command: readonly string[]) => readonly string[];

export const enclosedHere: Enclose = (tree, command) => [
  'unshare',
  '--mount',
  '--propagation',
  'slave',
  'sh',
  '-c',
  script,
  'enclosed',
  tree,
  ...command,
];

/** As {@link enclosedHere}, of a tree of the host. */
export const enclosed: Enclose = (tree, command) => inHost(enclosedHere(tree, command));
