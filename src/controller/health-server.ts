import { once } from 'node:events';
import http from 'node:http';

export interface HealthServer {
  close(): Promise<void>;
}

/**
 * `/healthz`: the process answers. It does not ask the API server: restarting us
 * would not bring that back. `/readyz`: requests can be answered rightly, or why not.
 */
export const serveHealth = async (
  port: number,
  unready: () => string | undefined,
  host?: string,
): Promise<HealthServer & { readonly port: number }> => {
  const server = http.createServer((request, response) => {
    const why = request.url === '/readyz' ? unready() : undefined;
    const isKnown = request.url === '/readyz' || request.url === '/healthz';
    response.statusCode = isKnown ? (why === undefined ? 200 : 503) : 404;
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(`${isKnown ? (why ?? 'ok') : 'not found'}\n`);
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
};
