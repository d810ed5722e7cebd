import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { type Answer, headersOf, payloadOf } from './http';

const MEGABYTE = Buffer.alloc(1_048_576, ' ');

/** Sends an answer byte by byte; one without a body never ends its headers. */
export async function sendSlowly(response: ServerResponse, answer: Answer, everyMs: number): Promise<void> {
  const payload = payloadOf(answer);
  if (payload === undefined) {
    response.socket?.write('HTTP/1.1 20');
    if (!response.destroyed) await once(response, 'close');
    return;
  }
  response.writeHead(answer.status, headersOf(answer, payload));
  for (const byte of payload) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await delay(everyMs);
  }
  response.end();
}

/** Sends a success with a body that does not end for long, packed or plain. Ends early when the client has enough. */
export async function sendFlood(
  response: ServerResponse,
  { megabytes, gzip }: { readonly megabytes: number; readonly gzip?: boolean | undefined },
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'application/json',
    ...(gzip && { 'content-encoding': 'gzip' }),
  });
  const blanks = Readable.from(
    (function* () {
      for (let sent = 0; sent < megabytes; sent += 1) yield MEGABYTE;
    })(),
  );
  const sending = gzip ? pipeline(blanks, createGzip(), response) : pipeline(blanks, response);
  // The client went away.
  await sending.catch(() => undefined);
}
