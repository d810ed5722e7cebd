import { HttpExchange } from '../http/http-exchange';
import type { CallInfo } from './failure';
import { networkFailure, timedOut } from './no-answer';

export interface BrevoHttpOptions {
  readonly apiKey: string;
  /** With the version, for example `https://api.brevo.com/v3`. */
  readonly baseUrl: string;
  /** From the first byte sent to the last received. */
  readonly timeoutMs: number;
  readonly userAgent: string;
}

export type BrevoHttp = HttpExchange<CallInfo>;

/** Who calls is bounded by the worker's slots; a call that waited for a connection would use up its time unsent. */
const MAX_SOCKETS = Number.POSITIVE_INFINITY;

/** HTTP exchanges with Brevo. They throw BrevoUnavailableError for a call without a complete answer. */
export function brevoHttp({ apiKey, baseUrl, timeoutMs, userAgent }: BrevoHttpOptions): BrevoHttp {
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new TypeError(
      'The Brevo API key is empty or holds characters that no key has (a space, a line break).',
    );
  }
  const headers = { 'api-key': apiKey, 'user-agent': userAgent };
  const options = { baseUrl, timeoutMs, maxSockets: MAX_SOCKETS, headers };
  return new HttpExchange(options, { timedOut, networkFailure });
}
