/** Objects in etcd are at most 1.5 MiB; whatever is longer than this is no answer of an API server. */
const longestLine = 16 * 1024 * 1024;

/** The lines of a stream, without their ends. A watch sends one JSON object a line and cuts chunks anywhere, also inside a character. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new Error(`a line of the answer is longer than ${longestLine} characters`);
    for (const line of lines) if (line.trim() !== '') yield line;
  }
  if (rest.trim() !== '') yield rest;
}
