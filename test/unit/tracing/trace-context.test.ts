import { describe, expect, test } from '@jest/globals';
import { formatTraceparent, parseTraceparent, workflowSpanOf } from '../../../tracing/trace-context';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('a traceparent', () => {
  test.each([
    [`00-${TRACE}-${SPAN}-01`, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    [`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, true],
  ])('is read: %s', (text, sampled) => {
    expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, sampled });
  });

  test.each([
    undefined,
    ['00'],
    '',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    'ana@example.com',
  ])('is none: %j', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  test('is written as it was read', () => {
    const text = `00-${TRACE}-${SPAN}-01`;
    const read = parseTraceparent(text);
    expect(read && formatTraceparent(read)).toBe(text);
  });
});

test("a workflow's span is another than that of its signal, in the same trace, and always the same", () => {
  const client = { traceId: TRACE, spanId: SPAN, sampled: true };
  const workflow = workflowSpanOf(client);
  expect(workflow).toEqual({ traceId: TRACE, spanId: 'ff0f9855f456fd48', sampled: true });
  expect(workflowSpanOf({ ...client, spanId: 'f'.repeat(16) }).spanId).not.toMatch(/^0+$/);
});
