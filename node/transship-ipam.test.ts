import { mkdir } from 'node:fs/promises';
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

const ipam = (command: string, input = config, pod = 'redis-1') =>
  host.run('transship-ipam', {
    input,
    env: {
      CNI_COMMAND: command,
      CNI_CONTAINERID: 's1',
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

it('gives back nothing of a pod that has moved away, once', async () => {
  await host.write('run/kept/s1', '');
  expect(await ipam('DEL')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await called()).toBeUndefined();
  expect(await ipam('DEL')).toEqual(delegated);
});
