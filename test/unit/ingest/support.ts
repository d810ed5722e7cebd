import { connect } from 'node:net';
import { afterEach } from '@jest/globals';
import type { Client } from '@temporalio/client';
import pino from 'pino';
import { ConsentSyncClient } from '../../../client';
import { loadConfig } from '../../../config';
import { type IngestOptions, type IngestServer, startIngest } from '../../../ingest';

export const TOKEN = 'a-token-that-nobody-guesses';

/** One integration: `newsletter` and `__proto__` are mapped. */
export const INTEGRATION = {
  config: {
    api_key: 'key-of-brevo',
    properties: [
      { id: 'NEWSLETTER', value: 'consents_purposes_newsletter_enabled' },
      { id: 'PROTO', value: 'consents_purposes___proto___enabled' },
      { id: 'CONSTRUCTOR', value: 'consents_purposes_constructor_enabled' },
      { id: 'UNDERSCORES', value: 'consents_purposes_a_b__c_enabled' },
    ],
  },
};

/** One signal that reached Temporal. */
export interface Signal {
  readonly workflowId: string;
  readonly identifier: { readonly kind: string; readonly value: string };
  readonly change: { readonly statements: readonly unknown[] };
}

export interface Ingest {
  readonly url: string;
  readonly server: IngestServer;
  /** What reached Temporal. */
  readonly signals: Signal[];
  /** The log so far, a parsed line each. */
  readonly log: Record<string, unknown>[];
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, init?: RequestInit): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

export interface Setup extends Partial<Omit<IngestOptions, 'config'>> {
  /** Default: INTEGRATION. */
  readonly config?: object;
}

/** Starts ingestion with a real client whose Temporal only records; ended after the test. Call once a test file. */
export function ingestForTests(): (setup?: Setup) => Promise<Ingest> {
  const running: IngestServer[] = [];
  afterEach(async () => {
    for (const server of running.splice(0)) await server.close();
  });
  return async ({ config: object = INTEGRATION, ...options } = {}) => {
    const config = loadConfig({ object, env: {} });
    const signals: Signal[] = [];
    const log: Record<string, unknown>[] = [];
    const server = await startIngest({
      config,
      client: new ConsentSyncClient(config, 'k'.repeat(32), recordingTemporal(signals)),
      host: '127.0.0.1',
      port: 0,
      ready: async () => [],
      logger: pino({ level: 'debug' }, { write: (line) => log.push(JSON.parse(line)) }),
      ...options,
    });
    running.push(server);
    const get = (path: string, init: RequestInit = {}) => fetch(server.url + path, init).then(answerOf);
    const post = (body: unknown, headers: Record<string, string> = {}) =>
      get('/webhooks/didomi', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body:
          typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      });
    return { url: server.url, server, signals, log, get, post };
  };
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, text, json };
}

/** Stands in for Temporal's client where what is tested is what reaches it; Temporal itself is tested elsewhere. */
function recordingTemporal(signals: Signal[]): Client {
  const temporal = {
    connection: {},
    withDeadline: <T>(_deadline: number, call: () => Promise<T>) => call(),
    workflow: {
      signalWithStart: async (
        _type: string,
        options: {
          workflowId: string;
          signalArgs: [Signal['change']];
          args: [{ identifier: Signal['identifier'] }];
        },
      ) => {
        const { workflowId, signalArgs, args } = options;
        signals.push({ workflowId, change: signalArgs[0], identifier: args[0].identifier });
      },
    },
  };
  return temporal as unknown as Client;
}

/** A Didomi message in which a person answers one purpose. */
export function message(changes: {
  readonly id?: string;
  readonly user?: unknown;
  readonly purpose?: string;
  readonly enabled?: boolean;
  readonly entity?: object;
}): Record<string, unknown> {
  const { id = 'event-1', user = 'ana@example.com', purpose = 'newsletter', enabled = false } = changes;
  return {
    type: 'event.created',
    parameters: {
      entity: {
        id,
        created_at: '2026-03-04T09:15:02Z',
        user: { organization_user_id: user },
        consents: { purposes: [{ id: purpose, enabled }] },
        ...changes.entity,
      },
    },
  };
}

/** Sends bytes as they are and resolves with everything that comes back until the connection ends. */
export function raw(url: string, ...parts: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => {
      for (const part of parts) socket.write(part);
    });
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      received += text;
    });
    socket.once('close', () => resolve(received));
    socket.once('error', reject);
  });
}
