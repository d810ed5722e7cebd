import type { BrokenExchange } from '../http/http-exchange';
import { BrevoUnavailableError } from './errors';
import { type CallInfo, safeCode } from './failure';

/** The error for a call without an answer. */
export function networkFailure(
  { code: given, inHandshake }: BrokenExchange,
  call: CallInfo,
  host: string,
): BrevoUnavailableError {
  const code = safeCode(given);
  const neverArrived = inHandshake || (code !== undefined && NEVER_ARRIVED.test(code));
  const what = neverArrived ? `${host} cannot be reached` : `${host} did not answer ${call.name} completely`;
  const message = `${what}: ${troubleOf(code, inHandshake)} (${code ?? 'no reason given'}). Check the network and BREVO_API_URL if this lasts.`;
  return new BrevoUnavailableError(message, { call: call.name, code }, call.writes && !neverArrived);
}

/** The error for a call without an answer in time. */
export function timedOut(call: CallInfo, host: string, timeoutMs: number): BrevoUnavailableError {
  const doubt = call.writes ? ' It may have been carried out all the same.' : '';
  const message = `${host} did not answer ${call.name} within ${timeoutMs / 1000} s.${doubt} The next attempt waits longer.`;
  return new BrevoUnavailableError(message, { call: call.name, code: 'ETIMEDOUT' }, call.writes);
}

/** DNS, connecting and the check of the certificate come before the first byte of a request. */
const NEVER_ARRIVED =
  /^(ENOTFOUND|EAI_|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|PROXY_ANSWERED_|CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

/** What a network error means to whoever reads it. */
const TROUBLES: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|EAI_)/, 'its name is not found in DNS'],
  [/^ECONNREFUSED$/, 'it refuses the connection'],
  [/^PROXY_ANSWERED_/, 'a proxy on the way (HTTPS_PROXY) lets nothing through to it'],
  [/^CERT_HAS_EXPIRED$/, 'its TLS certificate has expired'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its TLS certificate is for another name'],
  [
    /^(UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/,
    'its TLS certificate is signed by nobody whom this machine trusts (NODE_EXTRA_CA_CERTS can name more)',
  ],
  [/^CERT_/, 'its TLS certificate is not accepted'],
  [/^ANSWER_TOO_LARGE$/, 'the answer is longer than any of Brevo'],
  [/^Z_/, 'the answer cannot be unpacked'],
];

function troubleOf(code: string | undefined, inHandshake: boolean): string {
  const [, known] = TROUBLES.find(([pattern]) => pattern.test(code ?? '')) ?? [];
  return known ?? (inHandshake ? 'it does not agree on TLS' : 'the connection broke');
}
