import { setTimeout } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import type { Logger } from 'pino';
import { TemporalConfigurationError } from '../temporal/errors';
import { grpcMessage } from '../temporal/grpc-status';
import { missingSearchAttributes } from '../temporal/search-attributes';
import type { Readiness } from './health-routes';

/** How long Temporal may take to answer before it counts as away, in ms. */
const DEADLINE_MS = 2_000;
/** How long an answer is kept, in ms: so that probes do not weigh on the server, however many there are. */
const FRESH_MS = 2_000;

/**
 * Whether Temporal is reachable and has the search attributes that workflows set. The reasons are fit for anybody who
 * reaches the health routes; what they leave out, such as addresses, is logged when the reasons change.
 */
export function temporalReadiness(connection: Connection, namespace: string, logger?: Logger): Readiness {
  let askedAt = Number.NEGATIVE_INFINITY;
  let answer: Promise<readonly string[]> = Promise.resolve([]);
  let told = '';
  const ask = async (): Promise<readonly string[]> => {
    const { reason, error } = await problemWith(connection, namespace);
    if (reason !== told) {
      if (reason === '') logger?.info('Temporal can be used again');
      else logger?.warn({ reason, ...(error !== undefined && { error }) }, 'not ready');
      told = reason;
    }
    return reason === '' ? [] : [reason];
  };
  return () => {
    if (performance.now() - askedAt > FRESH_MS) {
      askedAt = performance.now();
      answer = ask();
    }
    return answer;
  };
}

interface ProblemWithTemporal {
  /** Empty when there is none. */
  readonly reason: string;
  /** What Temporal's client said. */
  readonly error?: string;
}

async function problemWith(connection: Connection, namespace: string): Promise<ProblemWithTemporal> {
  const given = new AbortController();
  try {
    const missing = await Promise.race([
      connection.withDeadline(Date.now() + DEADLINE_MS, () => missingSearchAttributes(connection, namespace)),
      // The client looks at its deadline only between attempts to connect.
      setTimeout(DEADLINE_MS, 'late' as const, { signal: given.signal }),
    ]);
    if (missing === 'late') return { reason: unreachable('no answer in time') };
    const names = Object.keys(missing);
    if (names.length === 0) return { reason: '' };
    return { reason: `Temporal lacks the search attributes ${names.join(', ')}: run consent-sync setup` };
  } catch (error) {
    const said = grpcMessage(error);
    if (error instanceof TemporalConfigurationError) {
      return { reason: "Temporal's namespace is not set up as needed: the log says how", error: said };
    }
    const [, status = 'failure'] = /^\d+ ([A-Z_]+):/.exec(error instanceof Error ? error.message : '') ?? [];
    return { reason: unreachable(status), error: said };
  } finally {
    given.abort();
  }
}

function unreachable(what: string): string {
  return `Temporal cannot be used (${what}): see whether it runs, and whether TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE name it`;
}
