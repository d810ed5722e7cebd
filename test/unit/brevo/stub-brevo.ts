import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RateBudget } from '../../../brevo/budget';
import { BrevoClient, type BrevoClientOptions } from '../../../brevo/client';

export const API_KEY = 'xkeysib-0123secret4567';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface StubAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Sent as it is when a string, else as JSON. */
  readonly body?: unknown;
}

export type StubHandler = (request: SeenRequest, response: ServerResponse) => StubAnswer | undefined;

/** A server that says what a test wants, also what no Brevo would say. `undefined` = the handler answers itself. */
export class StubBrevo {
  readonly requests: SeenRequest[] = [];
  handler: StubHandler = () => ({ status: 204 });
  private readonly server = createServer((request, response) => this.serve(request, response));
  private readonly clients: BrevoClient[] = [];

  static async start(): Promise<StubBrevo> {
    const stub = new StubBrevo();
    await new Promise<void>((resolve) => stub.server.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v3`;
  }

  answer(answer: StubAnswer): this {
    this.handler = () => answer;
    return this;
  }

  client(options: Partial<BrevoClientOptions> = {}): BrevoClient {
    const budget = new RateBudget({ requestsPerSecond: 1_000_000 });
    const client = new BrevoClient({
      apiKey: API_KEY,
      baseUrl: this.baseUrl,
      budget,
      timeoutMs: 5_000,
      ...options,
    });
    this.clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const seen: SeenRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.requests.push(seen);
    const answer = this.handler(seen, response);
    if (answer === undefined) return;
    const { status = 200, headers = {}, body } = answer;
    response.writeHead(status, headers);
    response.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
  }
}

/** What a failing promise fails with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure, and there was none');
}

/** A whole contact, as in Brevo's reference. */
export function contactBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 4711,
    email: 'ada@example.com',
    emailBlacklisted: false,
    smsBlacklisted: false,
    createdAt: '2026-03-02T09:14:07.120+01:00',
    modifiedAt: '2026-10-30T18:02:55.004+01:00',
    listIds: [12],
    listUnsubscribed: null,
    attributes: { FIRSTNAME: 'Ada', OPT_EMAIL: true },
    statistics: {},
    ...changes,
  };
}
