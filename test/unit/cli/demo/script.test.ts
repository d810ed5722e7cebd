import { describe, expect, test } from '@jest/globals';
import { Random } from '../../../../cli/demo/random';
import { countMessages, writeScript } from '../../../../cli/demo/script';
import { STORIES } from '../../../../cli/demo/stories';
import { readMessage } from '../../../../didomi/message';

const NOW = Date.parse('2026-03-04T12:00:00Z');

describe('the script of a demo', () => {
  test('is the same for the same seed, and another for another', () => {
    const script = writeScript(7, 300, NOW);
    expect(writeScript(7, 300, NOW)).toEqual(script);
    expect(writeScript(8, 300, NOW)).not.toEqual(script);
  });

  test('has about as many messages as asked for, and tells each story at least once', () => {
    const script = writeScript(7, 300, NOW);
    expect(script.messages).toBe(countMessages(script.steps));
    expect(script.messages).toBeGreaterThan(270);
    expect(script.messages).toBeLessThan(340);
    expect(writeScript(7, 1, NOW).messages).toBeGreaterThan(STORIES.length);
  });

  test.each([1, 2, 3])('consists of messages that Didomi could send (seed %d)', (seed) => {
    const messages = writeScript(seed, 300, NOW).steps.flatMap((step) =>
      step.kind === 'webhook' ? step.messages : [],
    );
    expect(() => messages.map(readMessage)).not.toThrow();
    const types = new Set(messages.map(({ type }) => type));
    expect([...types].sort()).toEqual([
      'consent.exported',
      'event.created',
      'event.deleted',
      'event.updated',
      'user.created',
      'user.updated',
    ]);
    expect(messages.length).toBeGreaterThan(new Set(messages).size);
  });

  test('names nobody twice', () => {
    const { contacts } = writeScript(3, 600, NOW);
    expect(new Set(contacts.map(({ email }) => email)).size).toBe(contacts.length);
  });
});

test('random numbers are spread, and depend on the seed alone', () => {
  const draw = () => {
    const random = new Random(42);
    return Array.from({ length: 1_000 }, () => random.int(1, 6));
  };
  expect(draw()).toEqual(draw());
  expect(new Set(draw())).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  expect(new Random(1).uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
});
