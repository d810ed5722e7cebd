import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Most bytes of a body that are read. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** The body as text. Throws when the client goes away first or sends too much. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`A body of more than ${MAX_BODY_BYTES} bytes is refused.`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export interface Answer {
  readonly status: number;
  /** A string is sent as it is, anything else as JSON, undefined as zero bytes without a content type. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Whether the client was still there to be answered. */
export function send(response: ServerResponse, answer: Answer): boolean {
  if (response.destroyed || response.writableEnded) return false;
  const payload = payloadOf(answer);
  response.writeHead(answer.status, headersOf(answer, payload));
  response.end(payload);
  return true;
}

/** Sends the first half of the answer, then closes the connection. */
export async function sendHalf(response: ServerResponse, answer: Answer): Promise<void> {
  const payload = payloadOf(answer);
  if (payload === undefined) {
    response.socket?.write('HTTP/1.1 20');
  } else {
    response.writeHead(answer.status, headersOf(answer, payload));
    response.write(payload.subarray(0, Math.floor(payload.length / 2)));
  }
  response.socket?.end();
  if (!response.destroyed) await once(response, 'close');
}

export function payloadOf({ body }: Answer): Buffer | undefined {
  if (body === undefined) return undefined;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

export function headersOf(
  { body, headers, status }: Answer,
  payload: Buffer | undefined,
): Record<string, string> {
  if (payload === undefined) return { ...(status === 204 ? {} : { 'content-length': '0' }), ...headers };
  return { 'content-type': contentTypeOf(body), 'content-length': String(payload.length), ...headers };
}

function contentTypeOf(body: unknown): string {
  if (typeof body !== 'string') return 'application/json';
  return body.startsWith('<') ? 'text/html; charset=UTF-8' : 'text/plain; charset=UTF-8';
}
