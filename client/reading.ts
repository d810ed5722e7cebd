import { setImmediate } from 'node:timers/promises';
import type { Config } from '../config';
import { DidomiMessageError } from '../didomi/message-error';
import type { Keys } from './keys';
import { readSubmissions, type Submission } from './submission';

/** Longest that the process is kept from everything else, in ms, as far as it is not one message alone. */
const SLICE_MS = 10;

/**
 * Reads one Didomi message or an array of them, in slices between which the process does other things.
 *
 * @throws DidomiMessageError when one is not understood, with its index
 */
export async function readAll(events: unknown, config: Config, keys: Keys): Promise<Submission[]> {
  const receivedAt = Date.now();
  if (!Array.isArray(events)) return readSubmissions(events, config, keys, receivedAt);
  const submissions: Submission[] = [];
  let sliceEnds = performance.now() + SLICE_MS;
  for (const [index, event] of events.entries()) {
    submissions.push(...readOne(event, index, config, keys, receivedAt));
    if (performance.now() < sliceEnds) continue;
    await setImmediate();
    sliceEnds = performance.now() + SLICE_MS;
  }
  return submissions;
}

function readOne(
  event: unknown,
  index: number,
  config: Config,
  keys: Keys,
  receivedAt: number,
): Submission[] {
  try {
    return readSubmissions(event, config, keys, receivedAt).map((submission) => {
      return { ...submission, result: { index, ...submission.result } };
    });
  } catch (error) {
    throw error instanceof DidomiMessageError ? error.at(index) : error;
  }
}
