import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import { openTelemetry, wantsTraces } from '../../../tracing/open-telemetry';
import { currentTrace, inSpan, type OpenSpan, type SpanStart, setSpanSink } from '../../../tracing/tracing';

describe('traces', () => {
  test.each([
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, true],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, false],
    [{ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, false],
  ])('are wanted with %j: %s', (env, wanted) => {
    expect(wantsTraces(env)).toBe(wanted);
  });

  test('are nothing where nobody wants them', async () => {
    expect(await inSpan({ name: 'a', kind: 'internal' }, async () => currentTrace())).toBeUndefined();
  });
});

describe('a span', () => {
  const opened: SpanStart[] = [];
  const ended: unknown[] = [];
  beforeEach(() => {
    opened.length = 0;
    ended.length = 0;
    setSpanSink({
      open(span): OpenSpan {
        opened.push(span);
        const context = { traceId: 't', spanId: `${opened.length}`, sampled: true };
        return { context, set: () => undefined, end: (error) => ended.push(error) };
      },
      record: () => undefined,
      close: async () => undefined,
    });
  });
  afterEach(() => setSpanSink(undefined));

  test('within another is its child, and two at once do not mix', async () => {
    const child = (name: string) => inSpan({ name, kind: 'client' }, async () => undefined);
    await Promise.all(
      ['a', 'b'].map((name) =>
        inSpan({ name, kind: 'server' }, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          await child(`${name}-child`);
        }),
      ),
    );
    const parents = Object.fromEntries(opened.map(({ name, parent }) => [name, parent?.spanId]));
    expect(parents).toEqual({ a: undefined, b: undefined, 'a-child': '1', 'b-child': '2' });
  });

  test('ends with the error of what it did, which is thrown on', async () => {
    const error = new Error('no');
    await expect(inSpan({ name: 'a', kind: 'client' }, () => Promise.reject(error))).rejects.toBe(error);
    expect(ended).toEqual([error]);
  });
});

describe('what is sent', () => {
  const sent: string[] = [];
  function open() {
    sent.length = 0;
    const exporter: SpanExporter = {
      export(spans, done) {
        for (const span of spans) {
          const { name, attributes, status, events, parentSpanContext } = span;
          const parent = parentSpanContext?.spanId;
          sent.push(JSON.stringify({ name, attributes, status, events, parent, ...span.spanContext() }));
        }
        done({ code: 0 });
      },
      shutdown: async () => undefined,
    };
    return openTelemetry(() => undefined, exporter);
  }

  test('names the kind of an error, and nothing of its message or stack', async () => {
    const sink = open();
    const span = sink.open({ name: 'PUT /contacts/{identifier}', kind: 'client' });
    span.end(new TypeError('ana@example.com is wrong'));
    await sink.close();
    expect(sent.map((text) => JSON.parse(text))).toMatchObject([
      {
        name: 'PUT /contacts/{identifier}',
        attributes: { 'error.type': 'TypeError' },
        status: { code: 2 },
        events: [],
      },
    ]);
    expect(sent.join()).not.toContain('ana@example.com');
  });

  test('is a past span under the id that its children know already, and then random ids again', async () => {
    const sink = open();
    const [traceId, parentId, spanId] = [
      '4bf92f3577b34da6a3ce929d0e0e4736',
      '00f067aa0ba902b7',
      'a'.repeat(16),
    ];
    const parent = { traceId, spanId: parentId, sampled: true };
    const context = { traceId, spanId, sampled: true };
    const past = { name: 'consentSync', kind: 'consumer', parent, context } as const;
    sink.record({ ...past, startedAt: 1_000, endedAt: 2_000 });
    sink.open({ name: 'next', kind: 'client' }).end();
    await sink.close();
    const [first, next] = sent.map((text) => JSON.parse(text));
    expect(first).toMatchObject({ traceId, spanId, parent: parentId });
    expect(next.spanId).not.toBe(spanId);
  });

  test('leaves out a trace that its sender does not keep', async () => {
    const sink = open();
    const parent = {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      sampled: false,
    };
    sink.open({ name: 'a', kind: 'server', parent }).end();
    await sink.close();
    expect(sent).toEqual([]);
  });
});
