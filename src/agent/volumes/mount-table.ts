/** A mount as `/proc/PID/mountinfo` has it (proc_pid_mountinfo(5)). */
export interface MountLine {
  readonly id: string;
  /** `MAJOR:MINOR`, decimal. */
  readonly device: string;
  /** As the process sees it. */
  readonly point: string;
  /** For example `fuse.glusterfs`, `nfs4`. */
  readonly type: string;
}

/** Blank, tab, newline and backslash are written as their octal numbers. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** The number of optional fields before the dash varies. */
const line = /^(\S+) \S+ (\S+) \S+ (\S+) \S+ (?:.*? )?- (\S+) /;

export const mountsIn = (mountinfo: string): readonly MountLine[] =>
  mountinfo.split('\n').flatMap((text) => {
    const [, id, device, point, type] = line.exec(text) ?? [];
    if (id === undefined || device === undefined || point === undefined || type === undefined) return [];
    return [{ id, device, point: unescaped(point), type }];
  });

/** Served by a process of the node, which the kernel asks. */
export const isFUSE = (type: string): boolean => /^fuse(\.|$)/.test(type);

/** Served by somebody who may not answer; whoever asks then waits in the kernel, where no signal reaches. */
export const isRemote = (type: string): boolean =>
  isFUSE(type) || /^(9p|afs|beegfs|ceph|cifs|gpfs|lustre|ncpfs|nfs4?|smb3|virtiofs)$/.test(type);
