import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerApi } from './api';
import { answerControl, CONTROL_PREFIX } from './control';
import { send } from './http';
import type { Simulation } from './simulation';

/** Idle connections stay open for longer than clients keep theirs, so that none is closed under a request. */
const KEEP_ALIVE_MS = 75_000;

export interface Listening {
  readonly port: number;
  /** Cuts every connection, also those that hang, and resolves when the port is free. */
  close(): Promise<void>;
}

/** Serves the simulation. Rejects with a plain-language error when the port cannot be had. */
export async function listen(simulation: Simulation, host: string, port: number): Promise<Listening> {
  const closing = new AbortController();
  const server = createServer((request, response) => {
    answer(simulation, request, response, closing.signal).catch((error: unknown) => {
      if (closing.signal.aborted) response.destroy();
      else send(response, { status: 500, body: { message: `The simulator failed: ${String(error)}` } });
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await bound(server, host, port);
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

function answer(
  simulation: Simulation,
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const isControl = (request.url ?? '').startsWith(`${CONTROL_PREFIX}/`);
  return isControl
    ? answerControl(simulation, request, response)
    : answerApi(simulation, request, response, closing);
}

async function bound(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'the port is taken' : cause;
    throw new Error(`The Brevo simulator cannot listen on ${host}:${port}: ${reason}. Choose another port.`, {
      cause,
    });
  }
}
