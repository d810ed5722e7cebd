import type { Span, SpanContext } from '@opentelemetry/api';
import type { IdGenerator, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TraceContext } from './trace-context';
import type { PastSpan, SpanSink, SpanStart } from './tracing';

type Variables = Readonly<Record<string, string | undefined>>;

/** Whether OpenTelemetry's own environment variables ask for traces. */
export function wantsTraces(env: Variables): boolean {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return false;
  const exporter = env.OTEL_TRACES_EXPORTER?.trim();
  if (exporter) return exporter === 'otlp';
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}

/**
 * Sends spans by OTLP over HTTP (JSON) to where OTEL_EXPORTER_OTLP_ENDPOINT says; the library reads that and its other
 * variables (headers, sampler, batches, resource attributes) itself. It is loaded here, and only where traces are wanted.
 *
 * @param onProblem told when spans could not be sent, with nothing of what they hold
 * @param exporter for tests
 */
export function openTelemetry(onProblem: () => void, exporter?: SpanExporter): SpanSink {
  const { diag, DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } =
    require('@opentelemetry/api') as typeof import('@opentelemetry/api');
  const { BasicTracerProvider, BatchSpanProcessor, RandomIdGenerator } =
    require('@opentelemetry/sdk-trace-base') as typeof import('@opentelemetry/sdk-trace-base');
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } =
    require('@opentelemetry/resources') as typeof import('@opentelemetry/resources');
  const { OTLPTraceExporter } =
    require('@opentelemetry/exporter-trace-otlp-http') as typeof import('@opentelemetry/exporter-trace-otlp-http');

  const silent = () => undefined;
  const logger = { error: onProblem, warn: onProblem, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });

  const ids = new GivenIds(new RandomIdGenerator());
  const provider = new BasicTracerProvider({
    idGenerator: ids,
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'consent-sync' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(exporter ?? new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer('consent-sync');

  const kinds = {
    server: SpanKind.SERVER,
    client: SpanKind.CLIENT,
    producer: SpanKind.PRODUCER,
    consumer: SpanKind.CONSUMER,
    internal: SpanKind.INTERNAL,
  } as const satisfies Record<SpanStart['kind'], unknown>;
  const flagsOf = (sampled: boolean) => (sampled ? TraceFlags.SAMPLED : TraceFlags.NONE);
  const start = ({ name, kind, attributes = {}, parent }: SpanStart, startTime?: number): Span => {
    const context = parent
      ? trace.setSpanContext(ROOT_CONTEXT, {
          traceId: parent.traceId,
          spanId: parent.spanId,
          traceFlags: flagsOf(parent.sampled),
          isRemote: true,
        })
      : ROOT_CONTEXT;
    const options = { kind: kinds[kind], attributes, ...(startTime !== undefined && { startTime }) };
    return tracer.startSpan(name, options, context);
  };
  return {
    open(given) {
      const span = start(given);
      return {
        context: contextOf(span.spanContext(), TraceFlags.SAMPLED),
        set: (attributes) => void span.setAttributes(attributes),
        end(error) {
          if (error !== undefined) {
            // Its message may tell who the contact is; its kind does not.
            span.setAttribute('error.type', error instanceof Error ? error.name : 'error');
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
        },
      };
    },
    record(given: PastSpan) {
      const span = ids.with(given.context.spanId, () => start(given, given.startedAt));
      span.end(given.endedAt);
    },
    close: () => provider.shutdown().catch(onProblem),
  };
}

function contextOf({ traceId, spanId, traceFlags }: SpanContext, sampledFlag: number): TraceContext {
  return { traceId, spanId, sampled: (traceFlags & sampledFlag) !== 0 };
}

/** Random ids, but for the span whose id is known before it is begun. */
class GivenIds implements IdGenerator {
  private given: string | undefined;

  constructor(private readonly random: IdGenerator) {}

  generateTraceId(): string {
    return this.random.generateTraceId();
  }

  generateSpanId(): string {
    return this.given ?? this.random.generateSpanId();
  }

  with<T>(spanId: string, start: () => T): T {
    this.given = spanId;
    try {
      return start();
    } finally {
      this.given = undefined;
    }
  }
}
