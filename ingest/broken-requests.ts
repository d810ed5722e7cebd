import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { PROBLEM_MEDIA_TYPE, plainProblem } from './problem';

const STATUS_OF: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Nothing can be written on a connection whose TLS failed, or is not there yet: it would only stay open. */
const TLS_BROKEN = /^ERR_(SSL|TLS)_/;

const DETAIL_OF: Readonly<Record<number, string>> = {
  400: 'This is not HTTP/1.1. A TLS connection to a plain port looks like this, too.',
  408: 'The request did not arrive whole in time.',
  431: 'The headers are too large.',
};

/** Answers what never becomes a request: it is not HTTP, or does not arrive in time. */
export class BrokenRequests {
  private readonly running = new WeakMap<Socket, FastifyReply>();

  constructor(private readonly logger: Logger) {}

  follow(request: FastifyRequest, reply: FastifyReply): void {
    const { socket } = request.raw;
    this.running.set(socket, reply);
    reply.raw.once('close', () => {
      if (this.running.get(socket) === reply) this.running.delete(socket);
    });
  }

  /** For Node's `clientError` event, after which the connection is ours to end. */
  readonly answer = (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const status = STATUS_OF[error.code ?? ''] ?? 400;
    const reply = this.running.get(socket);
    const id = reply?.request.id ?? randomUUID();
    this.logger.warn(
      { requestId: id, status, code: error.code },
      'no request could be read from a connection',
    );
    if (mayAnswer(reply) && !TLS_BROKEN.test(error.code ?? ''))
      socket.end(rawAnswer(status, id), () => socket.destroy());
    else socket.destroy();
  };
}

/** An answer sent here while a whole request is worked on would be taken for the answer to that one. */
function mayAnswer(reply: FastifyReply | undefined): boolean {
  return reply === undefined || (!reply.request.raw.complete && !reply.raw.headersSent);
}

function rawAnswer(status: number, id: string): string {
  const { problem } = plainProblem(status, { detail: DETAIL_OF[status] ?? '', instance: `urn:uuid:${id}` });
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

/** Answers `Expect` with anything but 100-continue, which never becomes a request either. */
export function refuseExpectations(server: Server): void {
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { problem } = plainProblem(417, {
      detail: 'What Expect asks for is not known here: leave that header out.',
      instance: `urn:uuid:${randomUUID()}`,
    });
    response.writeHead(417, { 'content-type': PROBLEM_MEDIA_TYPE, connection: 'close' });
    response.end(JSON.stringify(problem));
  });
}
