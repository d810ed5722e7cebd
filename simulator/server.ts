import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { send } from './http';

/** Idle connections stay open for longer than clients keep theirs, so that none is closed under a request. */
const KEEP_ALIVE_MS = 75_000;

export interface Listening {
  readonly port: number;
  /** Cuts every connection, also those that hang, and resolves when the port is free. */
  close(): Promise<void>;
}

/** Answers one request; `closing` aborts waits when the simulator stops. */
export type Answerer = (
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
) => Promise<void>;

/**
 * Serves a simulator. Rejects with a plain-language error when the port cannot be had.
 *
 * @param name of the simulator, for that error: "Brevo simulator"
 */
export async function listen(name: string, answer: Answerer, host: string, port: number): Promise<Listening> {
  const closing = new AbortController();
  const server = createServer((request, response) => {
    answer(request, response, closing.signal).catch((error: unknown) => {
      if (closing.signal.aborted) response.destroy();
      else send(response, { status: 500, body: { message: `The simulator failed: ${String(error)}` } });
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await bound(name, server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      closing.abort();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function bound(name: string, server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'the port is taken' : cause;
    throw new Error(`The ${name} cannot listen on ${host}:${port}: ${reason}. Choose another port.`, {
      cause,
    });
  }
}

/** An address that a client on this machine can call. */
export function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
