import { parse } from 'smol-toml';
import { z } from 'zod';
import { runtimeClass } from '../api/names.ts';

const runtimeOptions = z.looseObject({ BinaryName: z.string().optional(), SystemdCgroup: z.boolean().optional() });
const criPlugin = z.looseObject({
  containerd: z.looseObject({
    default_runtime_name: z.string().optional(),
    runtimes: z
      .record(z.string(), z.looseObject({ runtime_type: z.string().optional(), options: runtimeOptions.optional() }))
      .optional(),
  }),
  cni: z
    .looseObject({
      bin_dir: z.string().optional(),
      bin_dirs: z.array(z.string()).optional(),
      conf_dir: z.string().optional(),
    })
    .optional(),
});
const dumped = z.looseObject({
  version: z.number(),
  imports: z.array(z.string()).nullish(),
  plugins: z.record(z.string(), z.unknown()),
});

/** The CRI plugin's name by version of the configuration: 3 is containerd 2.x, 2 is 1.7. */
const pluginNames: Readonly<Record<number, string>> = {
  2: 'io.containerd.grpc.v1.cri',
  3: 'io.containerd.cri.v1.runtime',
};

/** What containerd's own `config dump` says that concerns us. */
export interface ContainerdFacts {
  readonly version: number;
  readonly imports: readonly string[];
  readonly hasHandler: boolean;
  readonly runc: string | undefined;
  readonly systemdCgroup: boolean;
  readonly cniBin: string;
  readonly cniConf: string;
}

type CriPlugin = z.infer<typeof criPlugin>;

const runtimeFacts = (
  containerd: CriPlugin['containerd'],
): Pick<ContainerdFacts, 'hasHandler' | 'runc' | 'systemdCgroup'> => {
  const { runtimes = {}, default_runtime_name: byDefault = 'runc' } = containerd;
  const { BinaryName, SystemdCgroup = false } = runtimes[byDefault]?.options ?? {};
  return {
    hasHandler: runtimes[runtimeClass] !== undefined,
    // containerd dumps what is not set as an empty string.
    runc: BinaryName === '' ? undefined : BinaryName,
    systemdCgroup: SystemdCgroup,
  };
};

/** Folders of containerd 2.x (`bin_dirs`) and of 1.7 (`bin_dir`, which 2.x dumps as an empty string). */
const cniFacts = ({ bin_dirs, bin_dir, conf_dir }: CriPlugin['cni'] = {}): Pick<
  ContainerdFacts,
  'cniBin' | 'cniConf'
> => ({
  cniBin: bin_dirs?.[0] ?? (bin_dir || '/opt/cni/bin'),
  cniConf: conf_dir ?? '/etc/cni/net.d',
});

export const containerdFacts = (dump: string): ContainerdFacts => {
  const config = dumped.parse(parse(dump));
  const name = pluginNames[config.version];
  if (!name) throw new Error(`containerd has a configuration of version ${config.version}; 2 and 3 are supported`);
  const { containerd, cni } = criPlugin.parse(config.plugins[name]);
  return { version: config.version, imports: config.imports ?? [], ...runtimeFacts(containerd), ...cniFacts(cni) };
};

/** The drop-in that adds our handler: as the default one, but through the wrapper. */
export const handlerDropIn = (facts: ContainerdFacts, wrapper: string): string => {
  const table = `plugins."${pluginNames[facts.version] ?? ''}".containerd.runtimes.${runtimeClass}`;
  return [
    '# Written by Transship: pods of the RuntimeClass "transship" run under its wrapper of runc.',
    `version = ${facts.version}`,
    `[${table}]`,
    '  runtime_type = "io.containerd.runc.v2"',
    `  [${table}.options]`,
    `    BinaryName = "${wrapper}"`,
    `    SystemdCgroup = ${facts.systemdCgroup}`,
    '',
  ].join('\n');
};

/** The main file with the drop-in's folder among its imports; undefined when it is there already. */
export const withImport = (text: string, imports: readonly string[], pattern: string): string | undefined => {
  if (imports.includes(pattern)) return undefined;
  const line = `imports = ${JSON.stringify([...imports.filter((i) => i.includes('*')), pattern])}`;
  const own = /^imports\s*=.*$/m;
  if (own.test(text)) return text.replace(own, line);
  // A key of the root must stand before the first table.
  const firstTable = text.search(/^\s*\[/m);
  return firstTable < 0 ? `${text}\n${line}\n` : `${text.slice(0, firstTable)}${line}\n${text.slice(firstTable)}`;
};
