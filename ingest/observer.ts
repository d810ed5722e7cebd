import type { FastifyInstance } from 'fastify';
import type { SubmitResult } from '../client';
import { MESSAGE_TYPES } from '../didomi/message';

/** Why a webhook call was turned away. */
export type WebhookRefusal = 'missing' | 'invalid' | 'expired' | 'address';

export type TokenResult = 'issued' | 'refused' | 'limited';

/** What one message came to for one integration. */
export interface EventResult {
  readonly integration: string;
  readonly type: (typeof MESSAGE_TYPES)[number] | 'other';
  readonly result: 'accepted' | Extract<SubmitResult, { status: 'ignored' }>['reason'];
}

/** `no_answer`: the caller went away before. */
export type AnswerStatus = number | 'no_answer';

/** Told of what ingestion does, for metrics. It is told no personal data. */
export interface IngestObserver {
  webhookAnswered(status: AnswerStatus, seconds: number): void;
  eventsTaken(results: readonly EventResult[]): void;
  webhookRefused(reason: WebhookRefusal): void;
  tokenAnswered(result: TokenResult): void;
}

export const NO_OBSERVER: IngestObserver = {
  webhookAnswered: () => {},
  eventsTaken: () => {},
  webhookRefused: () => {},
  tokenAnswered: () => {},
};

/** Has `told` called with each answer of a scope's routes, once it is sent or the caller went away. */
export function followAnswers(
  scope: FastifyInstance,
  told: (status: AnswerStatus, seconds: number) => void,
): void {
  scope.addHook('onRequest', async (_request, reply) => {
    const startedAt = performance.now();
    reply.raw.once('close', () => {
      const status = reply.raw.writableFinished ? reply.statusCode : 'no_answer';
      told(status, (performance.now() - startedAt) / 1000);
    });
  });
}

/** @returns undefined where nobody was answered */
export function tokenResult(status: AnswerStatus): TokenResult | undefined {
  if (status === 'no_answer') return undefined;
  if (status === 200) return 'issued';
  return status === 429 ? 'limited' : 'refused';
}

/**
 * What became of each message, by its type.
 *
 * @param body what was submitted: one message, or an array of them
 */
export function eventResults(body: unknown, results: readonly SubmitResult[]): EventResult[] {
  return results.map((result) => ({
    integration: result.integration,
    type: typeOf(Array.isArray(body) ? body[result.index ?? 0] : body),
    result: result.status === 'accepted' ? 'accepted' : result.reason,
  }));
}

function typeOf(message: unknown): EventResult['type'] {
  if (typeof message !== 'object' || message === null || !('type' in message)) return 'other';
  return MESSAGE_TYPES.find((type) => type === message.type) ?? 'other';
}
