import type { FaultAnswer } from '../fault-answers';
import type { DecidingFault } from '../fault-kinds';
import type { Allowance } from '../rate';
import { ApiError } from './errors';
import { rateHeaders, retryAfter } from './rate-headers';
import type { DidomiSwitches } from './switches';

type StatusFault = Extract<DecidingFault, { kind: 'status' }>;

/** The answer of a fault that answers by itself; undefined for those that only cut or hold the connection. */
export function faultAnswer(
  fault: DecidingFault,
  form: DidomiSwitches['retryAfter'],
  now: number,
): FaultAnswer | undefined {
  switch (fault.kind) {
    case 'status':
      return statusAnswer(fault, form, now);
    case 'ipBlocked':
      return fromGateway(403, page(403, 'Access denied'));
    case 'errorInOk':
      return { ...json(400, 'Bad request'), status: 200 };
    case 'redirect':
      return {
        ...fromGateway(fault.status ?? 302, undefined),
        headers: { location: fault.location ?? '/login' },
      };
    default:
      return undefined;
  }
}

function statusAnswer(fault: StatusFault, form: DidomiSwitches['retryAfter'], now: number): FaultAnswer {
  const { status, code, message, body, headers = {}, resetSeconds = 1 } = fault;
  const usedUp: Allowance = { allowed: false, limit: 100, remaining: 0, reset: resetSeconds };
  const limited = status === 429 ? { ...rateHeaders(usedUp), ...retryAfter(resetSeconds, form, now) } : {};
  const allHeaders = { ...limited, ...headers };
  if (body !== undefined) return { status, body, headers: allHeaders, byGateway: false };
  if (code !== undefined || message !== undefined) {
    const error = new ApiError(status, message ?? 'Error').body();
    return {
      status,
      body: { ...error, ...(code !== undefined && { name: code }) },
      headers: allHeaders,
      byGateway: false,
    };
  }
  return { ...usualAnswer(status), headers: allHeaders };
}

function usualAnswer(status: number): FaultAnswer {
  if (status >= 502 && status <= 504) return fromGateway(status, page(status, 'Bad gateway'));
  return json(status, `Status ${status}`);
}

function json(status: number, message: string): FaultAnswer {
  return { status, body: new ApiError(status, message).body(), headers: {}, byGateway: false };
}

function fromGateway(status: number, body: unknown): FaultAnswer {
  return { status, body, headers: {}, byGateway: true };
}

function page(status: number, title: string): string {
  return `<!DOCTYPE html>\n<html><head><title>${status} ${title}</title></head><body><h1>${title}</h1></body></html>\n`;
}
