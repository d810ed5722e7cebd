import { AsyncLocalStorage } from 'node:async_hooks';
import type { TraceContext } from './trace-context';

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

/** What a span says beside its name. Never an identifier, a value, an address with a path, or an error's message. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  /** Of a small set: a route's template, an activity's name. */
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes?: Attributes;
  /** Default: the span that is under way. */
  readonly parent?: TraceContext | undefined;
}

/** A span that is told of when it is over. */
export interface PastSpan extends SpanStart {
  readonly context: TraceContext;
  readonly parent: TraceContext;
  /** ms since 1970 */
  readonly startedAt: number;
  /** ms since 1970 */
  readonly endedAt: number;
}

export interface OpenSpan {
  readonly context: TraceContext;
  set(attributes: Attributes): void;
  /** @param error undefined when it went well */
  end(error?: unknown): void;
}

/** Where spans go. */
export interface SpanSink {
  open(span: SpanStart): OpenSpan;
  record(span: PastSpan): void;
  /** Sends what is left. */
  close(): Promise<void>;
}

const NO_SPAN: Pick<OpenSpan, 'set'> = { set: () => undefined };

const current = new AsyncLocalStorage<OpenSpan>();
let sink: SpanSink | undefined;

/** From here on spans go there; undefined: nowhere. One a process. */
export function setSpanSink(to: SpanSink | undefined): void {
  sink = to;
}

export function isTracing(): boolean {
  return sink !== undefined;
}

/** The span that is under way here. */
export function currentTrace(): TraceContext | undefined {
  return current.getStore()?.context;
}

/** Does something as a span of its own; just does it where nothing is traced. */
export async function inSpan<T>(
  start: SpanStart,
  run: (span: Pick<OpenSpan, 'set'>) => Promise<T>,
): Promise<T> {
  if (!sink) return run(NO_SPAN);
  const span = sink.open({ ...start, parent: start.parent ?? currentTrace() });
  try {
    const result = await current.run(span, () => run(span));
    span.end();
    return result;
  } catch (error) {
    span.end(error ?? 'failed');
    throw error;
  }
}

/** Tells of a span that is over, and that has taken place in several processes. */
export function recordSpan(span: PastSpan): void {
  sink?.record(span);
}
