import { describe, expect, it } from 'vitest';
import { rewritten } from './cni.ts';
import { containerdFacts, handlerDropIn, withImport } from './containerd-config.ts';
import { withoutOurs, withOurs } from './criu-config.ts';
import { flagOf } from './daemon.ts';
import { withoutRuntime, withRuntime } from './docker.ts';

describe('the settings of CRIU', () => {
  it.each(['', 'ghost-limit 2M\n', 'ghost-limit 2M'])(
    'come and go without touching what stands there: %j',
    (before) => {
      const during = withOurs(before, 'tcp-established\n');
      expect(during).toContain('# transship begin\ntcp-established\n# transship end\n');
      expect(withoutOurs(during).trimEnd()).toBe(before.trimEnd());
      expect(withOurs(during, 'tcp-established\n')).toBe(during);
    },
  );
});

describe('the CNI network', () => {
  const before = JSON.stringify({
    cniVersion: '1.0.0',
    name: 'n',
    plugins: [{ type: 'ptp', ipam: { type: 'host-local', ranges: [] } }, { type: 'portmap' }],
  });

  it('asks us for addresses, and knows whom to ask otherwise', () => {
    const during = rewritten(before, 'wrap') ?? '';
    expect(JSON.parse(during)).toMatchObject({
      plugins: [
        { type: 'ptp', ipam: { type: 'transship-ipam', transshipDelegate: 'host-local', ranges: [] } },
        { type: 'portmap' },
      ],
    });
    expect(rewritten(during, 'wrap')).toBeUndefined();
    expect(JSON.parse(rewritten(during, 'unwrap') ?? '')).toEqual(JSON.parse(before));
  });

  it('is left alone when it has no IPAM of its own', () => {
    expect(rewritten(JSON.stringify({ plugins: [{ type: 'cilium-cni' }] }), 'wrap')).toBeUndefined();
  });
});

describe('daemon.json', () => {
  const path = '/opt/transship/bin/transship-runc';

  it.each([undefined, '', '{}', '{"live-restore":true,"runtimes":{"kata":{"path":"/k"}}}'])(
    'has our runtime, and then again not: %j',
    (before) => {
      const during = withRuntime(before, path) ?? '';
      expect(JSON.parse(during)).toMatchObject({ runtimes: { transship: { path } } });
      expect(withRuntime(during, path)).toBeUndefined();
      expect(JSON.parse(withoutRuntime(during))).toEqual(
        JSON.parse(before === undefined || before === '' ? '{}' : before),
      );
    },
  );

  it.each(['', '{"a":1}', '{ "runtimes": { "kata": {} } }', '{"transship":true}'])(
    'that knows nothing of us is left as it is: %j',
    (text) => {
      expect(withoutRuntime(text)).toBe(text);
    },
  );
});

describe('the configuration of containerd', () => {
  const dump = `version = 3
imports = ["/etc/containerd/config.toml"]
[plugins."io.containerd.cri.v1.runtime".containerd]
  default_runtime_name = "runc"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  BinaryName = "/usr/local/bin/crun"
  SystemdCgroup = true
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["/usr/lib/cni"]
  conf_dir = "/etc/cni/net.d"
`;

  it('tells what the default runtime is and where CNI lies', () => {
    expect(containerdFacts(dump)).toEqual({
      version: 3,
      imports: ['/etc/containerd/config.toml'],
      hasHandler: false,
      runc: '/usr/local/bin/crun',
      systemdCgroup: true,
      cniBin: '/usr/lib/cni',
      cniConf: '/etc/cni/net.d',
    });
  });

  it('gets a handler that is as the default one', () => {
    expect(handlerDropIn(containerdFacts(dump), '/w')).toContain('    BinaryName = "/w"\n    SystemdCgroup = true\n');
  });

  it('of an unknown version is refused', () => {
    expect(() => containerdFacts('version = 1\n[plugins]\n')).toThrow(
      'containerd has a configuration of version 1; 2 and 3 are supported',
    );
  });

  it.each([
    ['before the first table', 'version = 3\n[plugins]\n', 'version = 3\nimports = ["/d/*.toml"]\n[plugins]\n'],
    ['instead of an older list', 'imports = ["/x/*.toml"]\n', 'imports = ["/x/*.toml","/d/*.toml"]\n'],
    ['at the end of a file without tables', 'version = 3', 'version = 3\nimports = ["/d/*.toml"]\n'],
  ])('imports the drop-in, %s', (_where, text, expected) => {
    expect(withImport(text, text.includes('imports') ? ['/x/*.toml'] : [], '/d/*.toml')).toBe(expected);
  });

  it('is left alone when it imports the folder already', () => {
    expect(withImport('imports = ["/d/*.toml"]', ['/d/*.toml'], '/d/*.toml')).toBeUndefined();
  });
});

describe('a flag of a daemon', () => {
  it.each([
    [['containerd', '--config', '/a'], '/a'],
    [['containerd', '--config=/b'], '/b'],
    [['containerd', '-c', '/c'], '/c'],
    [['containerd'], undefined],
  ])('%j', (command, expected) => {
    expect(flagOf(command, '--config', '-c')).toBe(expected);
  });
});
