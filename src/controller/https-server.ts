import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServingCertificate } from './serving-certificate.ts';

/** The API server reuses connections for up to 90 s; Node's own 5 s would close them under its requests. */
const keepAliveMs = 95_000;
const headersTimeoutMs = 32_000;
const requestTimeoutMs = 30_000;

/** HTTPS that begins with the first certificate and takes each later one without a restart. */
export class HttpsServer {
  readonly #server: https.Server;
  readonly #port: number;
  readonly #host: string | undefined;
  #begun: Promise<void> | undefined;

  constructor(listener: RequestListener, port: number, host?: string) {
    this.#port = port;
    this.#host = host;
    this.#server = https.createServer({ minVersion: 'TLSv1.2' }, listener);
    this.#server.keepAliveTimeout = keepAliveMs;
    this.#server.headersTimeout = headersTimeoutMs;
    this.#server.requestTimeout = requestTimeoutMs;
  }

  get isListening(): boolean {
    return this.#server.listening;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? this.#port;
  }

  use({ cert, key }: ServingCertificate): void {
    this.#server.setSecureContext({ cert, key, minVersion: 'TLSv1.2' });
    this.#begun ??= this.#begin();
  }

  /** Rejects when the port cannot be had. Does nothing before the first certificate. */
  async begun(): Promise<void> {
    await this.#begun;
  }

  async #begin(): Promise<void> {
    this.#server.listen(this.#port, this.#host);
    await once(this.#server, 'listening');
  }

  /** Lets requests under way end, for a moment; the API server would otherwise keep its connections for ever. */
  async close(graceMs: number): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => {
      this.#server.closeAllConnections();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }
}
