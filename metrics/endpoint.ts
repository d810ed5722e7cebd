import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cannotListen } from '../config';

export interface MetricsEndpoint {
  /** That it has. */
  readonly address: string | AddressInfo | null;
  close(): Promise<void>;
}

export interface EndpointOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** All metrics, as Prometheus text. */
  readonly text: () => Promise<string>;
}

const PATH = '/metrics';
const MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Far more than those who scrape. */
const CONNECTIONS = 64;
const HEADERS_MS = 5_000;
/** Longer than the usual time between two scrapes, so that a connection serves many. */
const KEEP_ALIVE_MS = 75_000;

const LISTENS_BY = { path: 'METRICS_PORT', fix: 'Choose others with METRICS_PORT and METRICS_HOST.' };

/**
 * Serves metrics at `GET /metrics` in plain HTTP, to anybody who reaches the address.
 *
 * @throws ConfigError when the address cannot be had
 */
export async function serveMetrics({ host, port, text }: EndpointOptions): Promise<MetricsEndpoint> {
  const shared = together(text);
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => {
      answer(request, response, shared).catch(() => response.destroy());
    },
  );
  server.maxConnections = CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: unknown) => {
    throw cannotListen(error, host, port, LISTENS_BY);
  });
  // Such as too many open files: the scrape fails, and the service goes on.
  server.on('error', () => {});
  return {
    address: server.address(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  text: () => Promise<string>,
): Promise<void> {
  const [path] = url.split('?', 1);
  if (path !== PATH) return end(response, 404, `Metrics are at ${PATH}.\n`);
  if (method !== 'GET') {
    response.setHeader('allow', 'GET');
    return end(response, 405, 'Only GET is answered.\n');
  }
  const body = await text().catch(() => undefined);
  if (body === undefined) return end(response, 500, 'The metrics could not be collected.\n');
  end(response, 200, body, MEDIA_TYPE);
}

function end(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

/** Those who ask while the text is being made get the same. */
function together(make: () => Promise<string>): () => Promise<string> {
  let underWay: Promise<string> | undefined;
  return () => {
    underWay ??= make().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
