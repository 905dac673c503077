import type { PodExec } from '../../kube/pod-exec.ts';
import type { HookCall } from '../../migration/hooks/call.ts';
import type { Post, PostAnswer } from '../../outgoing/post.ts';
import { refusalIn } from '../../outgoing/post.ts';
import { mostOutput, shownOutput } from './output.ts';
import type { CarryOut, Ending } from './runner.ts';

/** What hooks are carried out with. */
export interface Outside {
  readonly post: (call: Post, signal: AbortSignal) => Promise<PostAnswer>;
  readonly exec: PodExec;
}

const byHTTP = async (
  { url, body }: Extract<HookCall, { by: 'http' }>,
  { post }: Outside,
  signal: AbortSignal,
): Promise<Ending> => {
  const headers = { 'content-type': 'application/json', accept: '*/*' };
  const answer = await post({ url, headers, body: JSON.stringify(body), mostBytes: mostOutput }, signal);
  return { failure: refusalIn(answer), output: shownOutput(answer.body, answer.isCut) };
};

const byExec = async (
  { pod, container, command }: Extract<HookCall, { by: 'exec' }>,
  { exec }: Outside,
  { namespace, signal }: { readonly namespace: string; readonly signal: AbortSignal },
): Promise<Ending> => {
  const place = { namespace, pod: pod.name, container };
  const { failure, output, isCut } = await exec({ ...place, command, mostBytes: mostOutput }, signal);
  return { failure, output: shownOutput(output, isCut) };
};

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Also why it failed is partly in the words of others. */
const shown = ({ failure, output }: Ending): Ending => ({
  failure: failure === undefined ? undefined : shownOutput(new TextEncoder().encode(failure), false),
  output,
});

export const carryOutWith =
  (outside: Outside): CarryOut =>
  async (call, namespace, signal) => {
    try {
      return shown(
        await (call.by === 'http' ? byHTTP(call, outside, signal) : byExec(call, outside, { namespace, signal })),
      );
    } catch (error) {
      return shown({ failure: wordsOf(error), output: '' });
    }
  };
