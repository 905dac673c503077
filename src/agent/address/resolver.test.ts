import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readResolver, resolverPathIn } from './resolver.ts';

const mounted = (...sources: readonly (string | undefined)[]) =>
  resolverPathIn(JSON.stringify({ mounts: sources.map((source) => ({ destination: '/etc/resolv.conf', source })) }));

describe("the resolv.conf of a container is its sandbox's", () => {
  it.each([
    ['under containerd', '/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/s/resolv.conf'],
    ['under Docker', '/var/lib/docker/containers/s/resolv.conf'],
  ])('%s', (_where, path) => {
    expect(mounted(path)).toBe(path);
  });

  it('is that which is mounted last', () => {
    expect(mounted('/a', '/b')).toBe('/b');
  });

  it.each([
    ['comes from a volume of the pod', '/var/lib/kubelet/pods/u/volume-subpaths/config/web/0'],
    ['is none of the host', 'tmpfs'],
    ['has no source', undefined],
  ])('is left alone when it %s', (_what, path) => {
    expect(mounted(path)).toBeUndefined();
  });

  it('is left alone when there is none', () => {
    expect(resolverPathIn('{"mounts":[]}')).toBeUndefined();
  });
});

it('what a container looks names up by is read where its runtime keeps it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'transship-resolver-'));
  try {
    const path = join(folder, 'resolv.conf');
    await writeFile(path, 'nameserver 10.96.0.10\nsearch a b\n');
    const config = (source: string) =>
      writeFile(join(folder, 'config.json'), JSON.stringify({ mounts: [{ destination: '/etc/resolv.conf', source }] }));
    await config(path);
    const here = (of: string) => of;
    expect(await readResolver(folder, here)).toEqual({
      nameservers: ['10.96.0.10'],
      searches: ['a', 'b'],
      options: [],
    });
    await symlink(path, join(folder, 'link'));
    await config(join(folder, 'link'));
    await expect(readResolver(folder, here)).rejects.toThrow('ELOOP');
  } finally {
    await rm(folder, { recursive: true });
  }
});
