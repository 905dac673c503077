import { describe, expect, it } from 'vitest';
import { type OpenSocket, type PodCommand, podExecOver, type Socket } from './pod-exec.ts';

const command: PodCommand = {
  namespace: 'default',
  pod: 'web-1',
  container: 'web',
  command: ['sh', '-c', 'echo "a & b"'],
  mostBytes: 8,
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const success = JSON.stringify({ kind: 'Status', status: 'Success' });
const exit = (code: string): string =>
  JSON.stringify({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: code }] },
  });

/** An API server that says so much and then waits, or closes the connection. */
const server = (messages: readonly (readonly [number, string])[], closesWith?: number) => {
  const seen = { paths: [] as string[], closed: 0, keptOpen: [] as boolean[] };
  const open: OpenSocket = (path, onMessage) => {
    seen.paths.push(path);
    const socket: Socket = { close: () => (seen.closed += 1), onclose: null };
    setImmediate(() => {
      for (const [channel, text] of messages) seen.keptOpen.push(onMessage(channel, bytes(text)));
      if (closesWith !== undefined) socket.onclose?.({ code: closesWith });
    });
    return Promise.resolve(socket);
  };
  return { seen, exec: podExecOver(open) };
};

/** What a WebSocket fails with is an event and no Error. */
const unlikeError = (message: string): Error => ({ message }) as Error;

const never = new AbortController().signal;
const text = (output: Uint8Array): string => new TextDecoder().decode(output);

describe('a command in a container', () => {
  it('is asked for as kubectl does', async () => {
    const { exec, seen } = server([[3, success]]);
    await exec(command, never);
    expect(seen.paths).toEqual([
      '/api/v1/namespaces/default/pods/web-1/exec?stdout=true&stderr=true&container=web&command=sh&command=-c&command=echo+%22a+%26+b%22',
    ]);
  });

  it.each<readonly [string, readonly (readonly [number, string])[], object]>([
    [
      'that ends well',
      [
        [1, 'a'],
        [2, 'b'],
        [3, success],
      ],
      { output: 'ab' },
    ],
    [
      'that ends with a code',
      [
        [1, 'no'],
        [3, exit('3')],
      ],
      { failure: 'it ended with code 3', output: 'no' },
    ],
    [
      'that says too much',
      [
        [1, '123456'],
        [1, '789'],
        [1, 'x'.repeat(9)],
        [3, success],
      ],
      { output: '12345678', isCut: true },
    ],
    [
      'that was not found',
      [[3, JSON.stringify({ status: 'Failure', message: 'no such file' })]],
      { failure: 'no such file' },
    ],
    ['whose end is told in garbage', [[3, '\u0000{']], { failure: 'the API server did not say how it ended' }],
    [
      'beside channels that nobody knows',
      [
        [7, 'x'],
        [255, '\u0001'],
        [1, 'a'],
        [3, success],
      ],
      { output: 'a' },
    ],
  ])('%s', async (_name, messages, expected) => {
    const { exec, seen } = server(messages);
    const result = await exec(command, never);
    const shown = { ...result, output: text(result.output) };
    expect(shown).toEqual({ failure: undefined, output: '', isCut: false, ...expected });
    expect(seen.keptOpen.at(-1)).toBe(false);
    expect(seen.closed).toBe(1);
  });

  it('whose connection ends before it has not ended well', async () => {
    const { exec } = server([[1, 'a']], 1006);
    await expect(exec(command, never)).rejects.toThrow(
      'the connection to it ended before it did (WebSocket code 1006)',
    );
  });

  it('that hangs is left, and its connection closed', async () => {
    const { exec, seen } = server([[1, 'a']]);
    const abort = new AbortController();
    const result = exec(command, abort.signal);
    setImmediate(() => abort.abort(new Error('timeout')));
    await expect(result).rejects.toThrow('timeout');
    expect(seen.closed).toBe(1);
  });

  it('that may not be run says why', async () => {
    const refused = podExecOver(() => Promise.reject(unlikeError('Unexpected server response: 403')));
    await expect(refused(command, never)).rejects.toThrow(
      'the API server did not let it be run: Unexpected server response: 403',
    );
  });

  it('whose connection opens too late is closed at once', async () => {
    const late = Promise.withResolvers<Socket>();
    const exec = podExecOver(() => late.promise);
    const abort = new AbortController();
    const result = exec(command, abort.signal);
    abort.abort(new Error('timeout'));
    await expect(result).rejects.toThrow('timeout');
    let closed = 0;
    late.resolve({ close: () => (closed += 1), onclose: null });
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(1);
  });
});
