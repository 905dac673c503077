import http from 'node:http';
import https from 'node:https';

/*
 * HTTP to servers that are not ours and may do anything: never end, redirect for
 * ever, send gigabytes. Whoever calls decides how long and how much.
 */

export interface Post {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** More of the answer's body is not read; the connection is closed instead. */
  readonly mostBytes: number;
}

export interface PostAnswer {
  readonly code: number;
  /** Where a redirect leads. It is never followed: it would be another address than the one that somebody has chosen. */
  readonly location: string | undefined;
  readonly body: Uint8Array;
  /** There was more. */
  readonly isCut: boolean;
}

const begin = ({ url, headers, body }: Post, signal: AbortSignal): Promise<http.IncomingMessage> => {
  const { request } = url.startsWith('https:') ? https : http;
  const length = Buffer.byteLength(body);
  const options = {
    method: 'POST',
    // One connection for one call: a server that hangs keeps nothing that another call needs.
    agent: false,
    headers: { 'user-agent': 'transship', ...headers, 'content-length': length },
    signal,
  } as const;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
};

const readUpTo = async (response: http.IncomingMessage, most: number): Promise<Pick<PostAnswer, 'body' | 'isCut'>> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > most) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, most), isCut: length > most };
};

/** Rejects with the signal's reason, or with why there was no answer. */
export const post = async (call: Post, signal: AbortSignal): Promise<PostAnswer> => {
  signal.throwIfAborted();
  try {
    const response = await begin(call, signal);
    try {
      const { statusCode: code = 0, headers } = response;
      return { code, location: headers.location, ...(await readUpTo(response, call.mostBytes)) };
    } finally {
      response.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
};

/** Says why an answer is not a success; undefined when it is one. */
export const refusalIn = ({ code, location }: Pick<PostAnswer, 'code' | 'location'>): string | undefined => {
  if (code >= 200 && code <= 299) return undefined;
  return location === undefined ? `it answered ${code}` : `it answered ${code} and a redirect, which is not followed`;
};
