import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoggedCall } from './calls';
import type { FaultAnswer } from './fault-answers';
import type { DecidingFault } from './fault-kinds';
import type { Strike } from './faults';
import { type Answer, send, sendHalf } from './http';
import type { Reply } from './request';
import { sendFlood, sendSlowly } from './strange-answers';

/** One call that was let in, on its way to its answer. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly call: LoggedCall;
  /** Headers of what the API itself answers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Headers of what a gateway in front of it answers. */
  readonly gatewayHeaders: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Carries the call out. */
  readonly handle: () => Reply | Promise<Reply>;
  /** The answer of a fault that answers by itself; undefined for those that only cut or hold the connection. */
  readonly faultAnswer: (fault: DecidingFault) => FaultAnswer | undefined;
}

/**
 * Carries a call out and answers it, as far as its faults let it.
 *
 * @param closing aborts waits when the simulator stops
 */
export async function carryOut(exchange: Exchange, strike: Strike, closing: AbortSignal): Promise<void> {
  const { deciding, beforeMs, afterMs, names } = strike;
  const { call, response } = exchange;
  if (names.length > 0) call.faults = names;
  await pause(beforeMs, closing);
  if (deciding !== undefined && !commits(deciding)) {
    await pause(afterMs, closing);
    return misbehave(exchange, deciding, undefined);
  }
  const reply = await exchange.handle();
  call.committedStatus = reply.status;
  await pause(afterMs, closing);
  if (deciding !== undefined) return misbehave(exchange, deciding, reply);
  if (!response.destroyed) delete call.committedStatus;
  finish(exchange, reply);
}

/** Answers a call, and completes its entry in the log. */
export function finish(
  { call, response, headers, now }: Pick<Exchange, 'call' | 'response' | 'headers' | 'now'>,
  answer: Answer,
): void {
  const sent = send(response, { status: answer.status, body: answer.body, headers });
  call.status = sent ? answer.status : null;
  call.endedAt = new Date(now()).toISOString();
}

async function pause(ms: number, closing: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal: closing });
}

/** Whether the call is carried out although the fault spoils its answer. */
function commits(fault: DecidingFault): boolean {
  if (fault.kind === 'status') return fault.afterCommit === true;
  return fault.kind === 'dropAfterCommit' || fault.kind === 'halfBody' || fault.kind === 'trickle';
}

async function misbehave(exchange: Exchange, fault: DecidingFault, reply: Reply | undefined): Promise<void> {
  const { call, headers, gatewayHeaders, response } = exchange;
  const answer = exchange.faultAnswer(fault);
  if (answer !== undefined) {
    const kept = answer.byGateway ? gatewayHeaders : headers;
    return finish({ ...exchange, headers: { ...kept, ...answer.headers } }, answer);
  }
  if (fault.kind === 'hang' && !response.destroyed) await once(response, 'close');
  else if (fault.kind === 'flood') await sendFlood(response, fault);
  else if (fault.kind === 'trickle' && reply !== undefined)
    await sendSlowly(response, { ...reply, headers }, fault.everyMs);
  else if (fault.kind === 'halfBody' && reply !== undefined) await sendHalf(response, { ...reply, headers });
  else response.destroy();
  call.endedAt = new Date(exchange.now()).toISOString();
}
