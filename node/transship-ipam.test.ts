import { mkdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeScriptHost, type ScriptHost } from './script-fixture.ts';

const config = JSON.stringify(
  { cniVersion: '1.0.0', name: 'n', type: 'ptp', ipam: { type: 'transship-ipam', transshipDelegate: 'host-local' } },
  null,
  2,
);
const result = '{"cniVersion":"1.0.0","ips":[{"address":"10.245.0.2/16"}]}';

let host: ScriptHost;

beforeEach(async () => {
  host = await makeScriptHost();
  await mkdir(join(host.folder, 'bin'));
  await host.write(
    'bin/host-local',
    `#!/bin/sh\ncat >"${host.folder}/asked"\nprintf '%s' "$CNI_COMMAND" >"${host.folder}/called"\necho delegated\nexit 5\n`,
    0o755,
  );
});
afterEach(() => host.close());

const ipam = (command: string, input = config, pod = 'redis-1', id = 's1') =>
  host.run('transship-ipam', {
    input,
    env: {
      CNI_COMMAND: command,
      CNI_CONTAINERID: id,
      CNI_IFNAME: 'eth0',
      CNI_PATH: `/nowhere:${host.folder}/bin`,
      CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAMESPACE=demo;K8S_POD_NAME=${pod};K8S_POD_UID=u`,
    },
  });
const delegated = { code: 5, stdout: 'delegated\n', stderr: '' };
const called = () => host.read('called');

describe('with an agent', () => {
  it('prints the address that it gives', async () => {
    await host.startAgent(`result ${result}`);
    expect(await ipam('ADD')).toEqual({ code: 0, stdout: `${result}\n`, stderr: '' });
    expect(await host.read('heard')).toBe(`address ${host.state}/replies/ipam-ADD-s1 ADD 1.0.0 demo redis-1 s1\n`);
    expect(await called()).toBeUndefined();
  });

  it.each(['DEL', 'CHECK'])('is done when it says so to %s', async (command) => {
    await host.startAgent('done');
    expect(await ipam(command)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await called()).toBeUndefined();
  });

  it('fails as the CNI wants it when it refuses, whatever its sentence holds', async () => {
    await host.startAgent('fail RendezvousUnknown: no "such" move \\ at all');
    const { code, stdout } = await ipam('ADD');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      cniVersion: '1.0.0',
      code: 11,
      msg: "transship-ipam: RendezvousUnknown: no 'such' move / at all",
    });
    expect(await called()).toBeUndefined();
  });

  it.each(['ADD', 'DEL', 'CHECK'])('hands %s on when it says so', async (command) => {
    await host.startAgent('delegate');
    expect(await ipam(command)).toEqual(delegated);
    expect(await host.read('asked')).toBe(config);
    expect(await called()).toBe(command);
  });
});

describe('without an agent', () => {
  it.each<[string, () => Promise<void>]>([
    ['that was ever started', () => Promise.resolve()],
    ['since it was killed', () => host.leaveDoorbell()],
  ])('%s becomes the plugin of the network, with the same input', async (_when, given) => {
    await given();
    expect(await ipam('ADD')).toEqual(delegated);
    expect(await host.read('asked')).toBe(config);
  });

  it.each(['redis-1-m3fa9c2', 'redis-1-m3fa9c2-12'])(
    'lets the target %s wait for the one that knows its address',
    async (pod) => {
      await host.leaveDoorbell();
      const { code, stdout } = await ipam('ADD', config, pod);
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toEqual({
        cniVersion: '1.0.0',
        code: 11,
        msg: `transship-ipam: no agent answers on this node, which alone knows the address of the moved pod ${pod}; look at the transship-agent pod here`,
      });
      expect(await called()).toBeUndefined();
    },
  );

  it.each(['DEL', 'CHECK'])('hands %s of a target on', async (command) => {
    expect(await ipam(command, config, 'redis-1-m3fa9c2')).toEqual(delegated);
  });

  it.each(['redis-m3fa9c', 'redis-m3fa9cz', 'm3fa9c2', 'redis-m3fa9c2-web'])('takes %s for no target', async (pod) => {
    expect(await ipam('ADD', config, pod)).toEqual(delegated);
  });

  it('says which plugin is missing', async () => {
    const { code, stdout } = await ipam('ADD', config.replace('host-local', 'whereabouts'));
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as { msg: string }).msg).toBe(
      'transship-ipam: plugin "whereabouts" is in none of the folders of CNI_PATH',
    );
  });
});

it.each(['VERSION', 'STATUS', 'GC'])('%s is a question for the plugin of the network', async (command) => {
  await host.startAgent('done');
  expect(await ipam(command)).toEqual(delegated);
  expect(await host.read('heard')).toBeUndefined();
});

describe('an address that has moved away', () => {
  /** Gives the lowest that is free, or the one that is wished for. A reservation is a file with the name of its container. */
  const network = `#!/bin/sh
cat >/dev/null
cd "FOLDER/store" || exit 1
case $CNI_COMMAND in
  ADD)
    wish=$(printf '%s' "$CNI_ARGS" | sed -n 's/.*;IP=10.244.1.//p')
    for n in $wish $(seq 2 40); do
      [ -e "10.244.1.$n" ] && continue
      printf '%s' "$CNI_CONTAINERID $CNI_IFNAME" >"10.244.1.$n"
      printf '{\n  "ips": [\n    {\n      "address": "10.244.1.%s/24",\n      "gateway": "10.244.1.1"\n    }\n  ]\n}\n' "$n"
      exit 0
    done
    exit 3
    ;;
  DEL) for each in *; do [ "$(cat "$each")" = "$CNI_CONTAINERID $CNI_IFNAME" ] && rm "$each"; done; exit 0 ;;
esac`;
  /** The same, but deaf to wishes: after the last address comes the next one, as host-local has it. */
  const deaf = network
    .replace(/wish=.*/, 'wish=$(seq $(($(cat ../last 2>/dev/null || echo 1) + 1)) 40)')
    .replace('exit 0\n    done', 'echo $n >../last\n      exit 0\n    done');

  const use = async (plugin: string): Promise<void> => {
    await mkdir(join(host.folder, 'store'), { recursive: true });
    await host.write('bin/host-local', plugin.replace('FOLDER', host.folder), 0o755);
  };
  const leased = async (...lines: readonly string[]): Promise<void> => {
    await host.write('disk/leased', lines.map((line) => `${line}\n`).join(''));
  };
  /** As if the list had been written a while before or after everything else. */
  const leasedAt = async (seconds: number): Promise<void> => {
    const path = join(host.folder, 'disk/leased');
    await utimes(path, new Date(), new Date(Date.now() + seconds * 1_000));
  };
  const given = async (input = config): Promise<string> => {
    const { stdout } = await ipam('ADD', input);
    const answer = JSON.parse(stdout) as { ips?: { address: string }[]; msg?: string };
    return answer.ips?.[0]?.address ?? answer.msg ?? stdout;
  };
  const holder = (n: number) => host.read(`store/10.244.1.${String(n)}`);
  const withResult = (ip: string) =>
    JSON.stringify({ ...(JSON.parse(config) as object), prevResult: { ips: [{ address: `${ip}/24` }] } });

  beforeEach(() => use(network));

  it.each<[string, readonly string[], string]>([
    ['that nobody leased is given', ['10.244.1.20 -', '10.244.11.2 -', '10.244.1.22 -'], '10.244.1.2/24'],
    ['that lives elsewhere is not, but the next one', ['10.244.1.2 -'], '10.244.1.3/24'],
    ['of another pod here is not either', ['10.244.1.2 demo/other', '10.244.1.3 other/redis-1'], '10.244.1.4/24'],
    ['of this very pod is given: its sandbox is made anew', ['10.244.1.2 demo/redis-1'], '10.244.1.2/24'],
  ])('one %s', async (_what, lines, address) => {
    await leased(...lines);
    expect(await given()).toBe(address);
    const n = Number(/\.(\d+)\//.exec(address)?.[1]);
    expect(await holder(n)).toBe('s1 eth0');
  });

  it.each([
    ['takes wishes', network],
    ['goes round', deaf],
  ])('is given to nobody by a plugin that %s, however often it is asked', async (_how, plugin) => {
    await use(plugin);
    await leased('10.244.1.2 -', '10.244.1.3 -');
    expect(await given()).toBe('10.244.1.4/24');
    expect(await given()).toBe('10.244.1.5/24');
  });

  it('is kept in a name of ours by a plugin that takes wishes, and given back when it is leased no more', async () => {
    await leased('10.244.1.2 -');
    await given();
    expect(await holder(2)).toBe('transship-10.244.1.2 eth0');
    await leased();
    await leasedAt(5);
    expect(await given()).toBe('10.244.1.2/24');
    expect(await holder(2)).toBe('s1 eth0');
    expect(await host.read('disk/owed/transship-10.244.1.2')).toBeUndefined();
  });

  it('stands behind so many others that the kubelet has to ask again, and then gets one', async () => {
    await leased(...Array.from({ length: 20 }, (_, n) => `10.244.1.${String(n + 2)} -`));
    expect(await given()).toBe(
      'transship-ipam: the network of this node gave only addresses of pods that have moved away, 10.244.1.17 at last; it is asked again',
    );
    expect(await given()).toBe('10.244.1.22/24');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['whose agent has marked it', () => host.write('run/kept/s1', '')],
    ['after a reboot, by the list', () => leased('10.244.1.2 -')],
  ])('is not given back with the pod that it has left, %s', async (_how, mark) => {
    await host.write('store/10.244.1.2', 's1 eth0');
    await mark();
    expect(await ipam('DEL', withResult('10.244.1.2'))).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await holder(2)).toBe('s1 eth0');
    expect(await host.read('disk/owed/s1')).toBe('10.244.1.2 eth0\n');
  });

  it.each<[string, number, readonly string[], string]>([
    ['when nothing has it any more', 5, [], 's2 eth0'],
    ['not while it is leased', 5, ['10.244.1.2 -'], 's1 eth0'],
    ['not by a list that is older than its departure', -5, [], 's1 eth0'],
  ])('is given back %s', async (_when, seconds, lines, holds) => {
    await host.write('store/10.244.1.2', 's1 eth0');
    await host.write('run/kept/s1', '');
    await ipam('DEL', withResult('10.244.1.2'));
    await leased(...lines);
    await leasedAt(seconds);
    await ipam('ADD', config, 'redis-2', 's2');
    expect(await holder(2)).toBe(holds);
    expect(await host.read('disk/owed/s1')).toBe(holds === 's1 eth0' ? '10.244.1.2 eth0\n' : undefined);
  });

  it('of a pod that runs here goes the ordinary way', async () => {
    await host.write('store/10.244.1.2', 's1 eth0');
    await leased('10.244.1.2 demo/redis-1');
    await ipam('DEL', withResult('10.244.1.2'));
    expect(await holder(2)).toBeUndefined();
  });
});

it('gives back nothing of a pod that has moved away, once', async () => {
  await host.write('run/kept/s1', '');
  expect(await ipam('DEL')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await called()).toBeUndefined();
  expect(await ipam('DEL')).toEqual(delegated);
});

it('tells what the plugin of the network complains of, in its own words', async () => {
  await host.write('disk/leased', '');
  expect(await ipam('ADD')).toEqual(delegated);
  expect(await host.read('asked')).toBe(config);
});
