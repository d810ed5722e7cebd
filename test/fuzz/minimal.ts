import type { Judge } from './judge';
import type { Target } from './target';

const MOST_TRIES = 3_000;
const LONGEST_MS = 20_000;

/** The input with everything left out that the fault does not need, as far as that is found soon. */
export async function minimal(target: Target, input: Buffer, judge: Judge, fault: Error): Promise<Buffer> {
  const kind = kindOf(fault);
  const until = performance.now() + LONGEST_MS;
  let smallest = input;
  let tries = 0;
  for (let size = Math.ceil(input.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < smallest.length; ) {
      tries += 1;
      if (tries > MOST_TRIES || performance.now() > until) return smallest;
      const shorter = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      if ((await faultIn(target, shorter, judge)) === kind) smallest = shorter;
      else at += size;
    }
  }
  return smallest;
}

async function faultIn(target: Target, input: Buffer, judge: Judge): Promise<string | undefined> {
  try {
    await judge.verdict(target, input);
    return undefined;
  } catch (error) {
    return error instanceof Error ? kindOf(error) : undefined;
  }
}

/** Without the figures and quotations in it. */
function kindOf({ name, message }: Error): string {
  return `${name}: ${message.replace(/\d+/g, '#').slice(0, 24)}`;
}
