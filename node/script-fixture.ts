import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Invocation {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** For tests: a host in a folder, with copies of the scripts that know no other. */
export interface ScriptHost {
  readonly folder: string;
  /** Stands for /run/transship; `disk` in the folder stands for /var/lib/transship. */
  readonly state: string;
  /** Puts a script of this folder on this host, with what is fixed in it pointed there; returns its path. */
  install(script: string): Promise<string>;
  /** Installs a script and starts it. It is killed when the host is closed. */
  start(script: string, invocation: Invocation): Promise<ChildProcess>;
  /** Installs a script and runs it to its end. */
  run(script: string, invocation: Invocation): Promise<Outcome>;
  write(path: string, content: string, mode?: number): Promise<string>;
  /** What a file holds; undefined when there is none. */
  read(path: string): Promise<string | undefined>;
  /** An agent that answers each question with this line, or never. What it heard lies in `heard`. */
  startAgent(answer: string | undefined): Promise<ChildProcess>;
  /** A doorbell that nobody reads, as a killed agent leaves it. */
  leaveDoorbell(): Promise<void>;
  close(): Promise<void>;
}

/** Whether a process is there, and does not only wait for its parent to take note of its end. */
export const isRunning = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) Z /.test(stat);
};

const outcomeOf = async (child: ChildProcess, input: string): Promise<Outcome> => {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('The script was started without pipes');
  stdin.on('error', () => undefined); // EPIPE of a script that does not read
  stdin.end(input);
  const [said, complained, [code]] = await Promise.all([
    text(stdout),
    text(stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code: code ?? -1, stdout: said, stderr: complained };
};

/**
 * Reads the doorbell like the agent: it holds both ends, so that it never sees an end of file. Of a wrapper it takes up
 * the lifeline, and says so, before it answers.
 */
const agentScript = `
while read -r kind reply rest; do
  printf '%s\\n' "$kind $reply $rest" >>"$1/heard"
  if [ "$kind" = arrive ]; then
    exec 6<"$reply.life" 7<>"$reply"
    { cat; echo ended; } <&6 7<&- >>"$1/heard" &
    echo waiting >&7
    # As the agent does, which takes them away when it has answered.
    [ -z "$2" ] || { printf '%s\\n' "$2" >&7 && rm -f "$reply" "$reply.life"; }
    # What stands in is told a second word when the test says which.
    if [ "$2" = stand ]; then until [ -e "$1/second" ]; do sleep 0.02; done; cat "$1/second" >&7; exec 7>&-; fi
  fi
  case $kind in address) [ -z "$2" ] || printf '%s\\n' "$2" >"$reply" ;; esac
done <>"$1/run/doorbell"`;

export const makeScriptHost = async (): Promise<ScriptHost> => {
  const folder = await mkdtemp(join(tmpdir(), 'transship-scripts-'));
  const state = join(folder, 'run');
  await mkdir(join(state, 'replies'), { recursive: true });
  for (const each of ['restored', 'waiting', 'departed', 'held', 'kept', 'criu', 'journal'])
    await mkdir(join(state, each));
  await mkdir(join(folder, 'disk', 'owed'), { recursive: true });
  const children: ChildProcess[] = [];
  // A busy machine is no agent that is away: only who knows that nobody comes may wait for a short time.
  let patience = '10';

  const write = async (path: string, content: string, mode = 0o644): Promise<string> => {
    const whole = join(folder, path);
    await writeFile(whole, content);
    await chmod(whole, mode);
    return whole;
  };
  const install = async (script: string): Promise<string> => {
    const source = await readFile(join(import.meta.dirname, script), 'utf8');
    const copy = source
      .replaceAll('/run/transship', state)
      .replaceAll('/var/lib/transship', join(folder, 'disk'))
      .replaceAll('/opt/transship/etc', folder)
      .replaceAll('/opt/transship/sockets', join(folder, 'sockets'))
      .replaceAll(/([<>])\/proc\//g, `$1${folder}/proc/`)
      .replaceAll(/timeout [12] /g, `timeout ${patience} `);
    return write(script, copy, 0o755);
  };
  const start = async (script: string, { args = [], env = {} }: Invocation): Promise<ChildProcess> => {
    const path = await install(script);
    const child = spawn('sh', [path, ...args], { env: { PATH: '/usr/bin:/bin', ...env }, stdio: 'pipe' });
    children.push(child);
    return child;
  };
  const makeDoorbell = () => once(spawn('mkfifo', [join(state, 'doorbell')]), 'close').then(() => undefined);

  return {
    folder,
    state,
    write,
    install,
    start,
    run: async (script, invocation) => outcomeOf(await start(script, invocation), invocation.input ?? ''),
    read: (path) => readFile(join(folder, path), 'utf8').catch(() => undefined),
    async startAgent(answer) {
      await makeDoorbell();
      const agent = spawn('sh', ['-c', agentScript, 'agent', folder, answer ?? ''], { stdio: 'ignore' });
      children.push(agent);
      return agent;
    },
    leaveDoorbell() {
      patience = '0.1';
      return makeDoorbell();
    },
    async close() {
      for (const child of children) child.kill('SIGKILL');
      await rm(folder, { recursive: true, maxRetries: 5 }); // what a test has just killed may be making a last file
    },
  };
};
