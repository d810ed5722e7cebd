/** The header by which a trace goes from process to process, over HTTP and in Temporal (W3C Trace Context). */
export const TRACE_HEADER = 'traceparent';

/** A span that others may continue. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/;

/** Reads a `traceparent`; undefined for anything else, and for the ids of zeros that mean none. */
export function parseTraceparent(text: unknown): TraceContext | undefined {
  const [, traceId, spanId, flags] = (typeof text === 'string' && TRACEPARENT.exec(text)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/**
 * The span of a workflow that was signalled from this one. Its activities name it as their parent long before it ends,
 * in other processes than the one that will report it, so its id has to follow from what all of them know.
 */
export function workflowSpanOf(client: TraceContext): TraceContext {
  const spanId = [...client.spanId].map((digit) => (0xf ^ Number.parseInt(digit, 16)).toString(16)).join('');
  return { ...client, spanId: /^0+$/.test(spanId) ? client.spanId : spanId };
}
