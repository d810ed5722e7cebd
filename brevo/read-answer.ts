import type { z } from 'zod';
import { type Answer, type CallInfo, strangeAnswer } from './failure';

/**
 * The answer's body in the shape that Brevo's API reference gives it.
 * @throws BrevoUnavailableError when it has another status or shape
 */
export function readAnswer<S extends z.ZodType>(
  answer: Answer,
  call: CallInfo,
  status: number,
  shape: S,
): z.output<S> {
  if (answer.status !== status) throw strangeAnswer(answer, call, `Brevo answers this with ${status}`);
  const parsed = shape.safeParse(json(answer, call));
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join('.') || 'the body';
  throw strangeAnswer(answer, call, `${at} is not what Brevo's API reference says`);
}

function json(answer: Answer, call: CallInfo): unknown {
  try {
    return JSON.parse(answer.body);
  } catch {
    throw strangeAnswer(answer, call, answer.body === '' ? 'the body is empty' : 'the body is not JSON');
  }
}
