import { FakeClock } from '../clock/fake-clock.ts';
import { silentLog } from '../log/log.ts';
import { type ConfigMap, configMaps } from './builtin-resources.ts';
import { FakeApi } from './fake-api.ts';
import { Reflector } from './reflector.ts';

/** For tests of this folder: an API server with config maps, and a reflector of them. */
export const reflecting = () => {
  const clock = new FakeClock();
  const api = new FakeApi(() => clock.now());
  const stop = new AbortController();
  const reflector = new Reflector<ConfigMap>({ api, resource: configMaps, clock, random: () => 0.5, log: silentLog });
  const told: string[] = [];
  reflector.onChange((key, object) =>
    told.push(`${key.name} ${object ? (object.data?.['x'] ?? 'is there') : 'is gone'}`),
  );
  const put = (name: string, x?: string) =>
    api.put(configMaps, { metadata: { name, namespace: 'default' }, data: x === undefined ? {} : { x } });
  return { api, clock, stop, reflector, told, put };
};
