import type { SubmitResult } from '../../client';
import type { Simulator } from '../../simulator';
import { pause } from '../service/service';
import type { Message } from './didomi-person';
import type { Script } from './script';

/** What ingestion answered for one message and integration. */
export interface Answered {
  readonly message: Message;
  readonly result: SubmitResult;
}

/** How far the delivery has come. */
export interface Delivered {
  sent: number;
  readonly answers: Answered[];
}

/** Webhooks that are under way at once. */
const CONCURRENCY = 6;
const RETRY_MS = 500;

/**
 * Sends a script's webhooks as Didomi does, and has recipients act in Brevo; spread over `overMs`.
 *
 * @throws Error when ingestion answers what it never should
 */
export async function deliver(
  script: Script,
  webhookUrl: string,
  simulator: Simulator,
  overMs: number,
  delivered: Delivered,
  stopping: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const steps = script.steps.entries();
  const sender = async () => {
    for (const [index, step] of steps) {
      const due = (index / script.steps.length) * overMs;
      await pause(due - (performance.now() - startedAt), stopping);
      if (stopping.aborted) return;
      if (step.kind === 'unsubscribe') simulator.unsubscribe(step.action);
      else await post(step.messages, webhookUrl, delivered, stopping);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sender));
}

async function post(
  messages: readonly Message[],
  webhookUrl: string,
  delivered: Delivered,
  stopping: AbortSignal,
): Promise<void> {
  const [only] = messages;
  const body = JSON.stringify(messages.length === 1 ? only : messages);
  while (!stopping.aborted) {
    const response = await fetch(webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const answer = (await response.json()) as {
      readonly results: readonly (SubmitResult & { index: number })[];
    };
    if (response.status === 202) {
      delivered.sent += messages.length;
      for (const result of answer.results) {
        const message = messages[result.index];
        if (message) delivered.answers.push({ message, result });
      }
      return;
    }
    if (response.status !== 503 && response.status !== 429) {
      throw new Error(`Ingestion answered ${response.status}: ${JSON.stringify(answer)}`);
    }
    await pause(RETRY_MS, stopping);
  }
}
