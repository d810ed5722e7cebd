import { ipBlocked, wrongKey } from './errors';
import type { DecidingFault } from './fault-kinds';

/** An answer that a fault makes up. */
export interface FaultAnswer {
  readonly status: number;
  /** A string is sent as it is, anything else as JSON, undefined as nothing. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** Made by Cloudflare, in front of Brevo: such answers carry neither rate headers nor a sib-request-id. */
  readonly byGateway: boolean;
}

type StatusFault = Extract<DecidingFault, { kind: 'status' }>;

/** The answer of a fault that answers by itself; undefined for those that only cut or hold the connection. */
export function faultAnswer(fault: DecidingFault): FaultAnswer | undefined {
  switch (fault.kind) {
    case 'status':
      return statusAnswer(fault);
    case 'ipBlocked':
      return json(401, ipBlocked().body());
    case 'errorInOk':
      return json(200, { code: 'invalid_parameter', message: 'Invalid parameters passed' });
    case 'redirect':
      return {
        ...json(fault.status ?? 302, undefined),
        headers: { location: fault.location ?? '/login' },
        byGateway: true,
      };
    default:
      return undefined;
  }
}

function statusAnswer(fault: StatusFault): FaultAnswer {
  const { status, code, message, body, headers = {}, resetSeconds } = fault;
  const reset = { 'x-sib-ratelimit-remaining': '0', 'x-sib-ratelimit-reset': String(resetSeconds ?? 1) };
  const allHeaders = status === 429 ? { ...reset, ...headers } : headers;
  if (body !== undefined) return { status, body, headers: allHeaders, byGateway: false };
  if (code !== undefined || message !== undefined) {
    const error = { ...(code === undefined ? {} : { code }), message: message ?? 'Error' };
    return { ...json(status, error), headers: allHeaders };
  }
  return { ...usualAnswer(status), headers: allHeaders };
}

/** What is reported to come with each status; bodies of 408, 425 and 429 are not known. */
function usualAnswer(status: number): FaultAnswer {
  if (status >= 520 && status <= 529) return { ...json(status, `error code: ${status}`), byGateway: true };
  switch (status) {
    case 400:
      return json(400, { code: 'invalid_parameter', message: 'Invalid parameters passed' });
    case 401:
      return json(401, wrongKey().body());
    case 402:
      return json(402, { code: 'not_enough_credits', message: 'Insufficient credits' });
    case 403:
      return json(403, { code: 'permission_denied', message: 'You do not have permission for this action' });
    case 404:
      return json(404, { code: 'document_not_found', message: 'Contact does not exist' });
    case 405:
      return json(405, { code: 'method_not_allowed', message: 'Method is not allowed on this path' });
    case 422:
      return json(422, { code: 'unprocessable_entity', message: 'Unprocessable entity' });
    case 425:
      return json(425, { message: 'Too Early' });
    case 429:
      return json(429, { code: 'too_many_requests', message: 'Too many requests' });
    case 500:
      return json(500, {});
    case 502:
    case 503:
    case 504:
      return { ...json(status, gatewayPage(status)), byGateway: true };
    default:
      return json(status, { message: `Status ${status}` });
  }
}

function json(status: number, body: unknown): FaultAnswer {
  return { status, body, headers: {}, byGateway: false };
}

function gatewayPage(status: number): string {
  return `<!DOCTYPE html>
<html lang="en-US"><head><title>api.brevo.com | ${status}</title></head>
<body><h1>Error ${status}</h1><p>The web server reported a gateway error. Cloudflare Ray ID: 0123456789abcdef</p></body></html>
`;
}
