import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { HEALTH_PREFIX } from './health-routes';

type Level = 'debug' | 'info' | 'warn' | 'error';

interface Notes {
  readonly fields: Record<string, unknown>;
  level: Level;
  work?: Promise<unknown>;
}

const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/**
 * Writes one line a request: never its body, headers or query, and its path only as the route that it met, because
 * all of these may hold personal data or the token.
 */
export class RequestLog {
  private readonly notes = new WeakMap<FastifyRequest, Notes>();

  constructor(private readonly logger: Logger) {}

  /** Writes the line once the answer is sent, or the caller went away, and the work for it is over. */
  follow(request: FastifyRequest, reply: FastifyReply): void {
    const notes: Notes = { fields: {}, level: 'debug' };
    this.notes.set(request, notes);
    const startedAt = performance.now();
    reply.raw.once('close', () => {
      const status = reply.raw.writableFinished ? reply.statusCode : undefined;
      void this.write(request, notes, startedAt, status);
    });
  }

  /** Adds to the request's line. The caller sees to it that the fields hold no personal data. */
  add(request: FastifyRequest, fields: object, level: Level = 'debug'): void {
    const notes = this.notes.get(request);
    if (!notes) return;
    Object.assign(notes.fields, fields);
    notes.level = higher(notes.level, level);
  }

  /** Holds the request's line back until this is settled, even when the caller does not wait for it. */
  until(request: FastifyRequest, work: Promise<unknown>): void {
    const notes = this.notes.get(request);
    if (notes) notes.work = work;
  }

  private async write(
    request: FastifyRequest,
    notes: Notes,
    startedAt: number,
    status: number | undefined,
  ): Promise<void> {
    await Promise.allSettled([notes.work]);
    // What the work ended with is noted just after it.
    await setImmediate();
    const route = request.routeOptions.url;
    const level = higher(notes.level, status === undefined ? 'warn' : levelOf(status, route));
    this.logger[level](
      {
        requestId: request.id,
        method: request.method,
        ...(route !== undefined && { route }),
        ...(status !== undefined && { status }),
        ms: Math.round(performance.now() - startedAt),
        ...notes.fields,
      },
      status === undefined ? 'the caller went away before the answer' : 'request answered',
    );
  }
}

function levelOf(status: number, route: string | undefined): Level {
  const probe = route?.startsWith(HEALTH_PREFIX);
  if (status >= 500 && !probe) return 'error';
  if (status >= 400) return 'warn';
  return probe ? 'debug' : 'info';
}

function higher(one: Level, other: Level): Level {
  return LEVELS.indexOf(one) >= LEVELS.indexOf(other) ? one : other;
}
