import { HttpExchange } from '../../http/http-exchange';
import { type CallInfo, networkFailure, timedOut } from './failure';

export type DidomiHttp = HttpExchange<CallInfo>;

const MAX_SOCKETS = 16;

/**
 * HTTP exchanges with Didomi. They throw DidomiUnavailableError for a call without a complete answer.
 *
 * @param baseUrl with the version, for example `https://api.didomi.io/v1`
 * @param timeoutMs from the first byte sent to the last received
 */
export function didomiHttp(baseUrl: string, timeoutMs: number, userAgent: string): DidomiHttp {
  const options = { baseUrl, timeoutMs, maxSockets: MAX_SOCKETS, headers: { 'user-agent': userAgent } };
  return new HttpExchange(options, { timedOut, networkFailure });
}
