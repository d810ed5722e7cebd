import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DidomiApi, type DidomiApiOptions } from '../../../didomi/api/didomi-api';

export const KEY = 'didomi-key-0123';
export const SECRET = 'didomi-secret-4567';
export const TOKEN = 'header.payload-89ab.signature';

export interface StubAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Sent as it is when a string, else as JSON. */
  readonly body?: unknown;
}

/** `undefined` = the handler answers itself. */
type StubHandler = (request: IncomingMessage, response: ServerResponse) => StubAnswer | undefined;

const SESSION: StubAnswer = { status: 201, body: { access_token: TOKEN } };

/** A server that opens sessions, and else says what a test wants, also what no Didomi would say. */
export class StubDidomi {
  /** "GET /v1/consents/users?…" */
  readonly requests: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  session: StubAnswer = SESSION;
  handler: StubHandler = () => ({ body: { data: [], limit: 100, cursor: null } });
  private readonly server = createServer((request, response) => this.serve(request, response));
  private readonly apis: DidomiApi[] = [];

  static async start(): Promise<StubDidomi> {
    const stub = new StubDidomi();
    await new Promise<void>((resolve) => stub.server.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  answer(answer: StubAnswer): void {
    this.handler = () => answer;
  }

  reset(): void {
    this.requests.length = 0;
    this.authorizations.length = 0;
    this.session = SESSION;
  }

  api(options: Partial<DidomiApiOptions> = {}): DidomiApi {
    const api = new DidomiApi({
      organizationId: 'acme',
      apiKey: KEY,
      apiSecret: SECRET,
      apiUrl: this.url,
      timeoutMs: 5_000,
      ...options,
    });
    this.apis.push(api);
    return api;
  }

  async close(): Promise<void> {
    for (const api of this.apis) api.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    this.requests.push(`${request.method} ${request.url}`);
    this.authorizations.push(request.headers.authorization);
    const opens = request.method === 'POST' && request.url === '/v1/sessions';
    const answer = opens ? this.session : this.handler(request, response);
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

/** Didomi's error shape. */
export function didomiError(status: number, name: string, message: string): StubAnswer {
  return { status, body: { code: status, name, message, errors: {} } };
}

/** A user record, as in Didomi's reference. */
export function userBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'c2a1b0d4-2002',
    organization_id: 'acme',
    organization_user_id: 'ana@example.com',
    version: 5,
    created_at: '2026-03-04T09:15:02Z',
    updated_at: '2026-04-01T07:00:01Z',
    metadata: {},
    country: null,
    last_seen_country: 'FR',
    consents: { channels: [], purposes: [{ id: 'newsletter', enabled: false }] },
    ...changes,
  };
}

/** An event, as in Didomi's reference. */
export function eventBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'e-1',
    organization_id: 'acme',
    created_at: '2026-03-04T09:15:02Z',
    updated_at: '2026-03-04T09:15:02Z',
    status: 'confirmed',
    user: { id: 'c2a1b0d4-2002', organization_user_id: 'ana@example.com' },
    consents: { purposes: [{ id: 'newsletter', enabled: true }] },
    ...changes,
  };
}
