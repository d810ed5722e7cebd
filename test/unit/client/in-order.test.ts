import { describe, expect, test } from '@jest/globals';
import { inOrder } from '../../../client/in-order';

async function* numbers(count: number, taken: number[] = []) {
  for (let number = 0; number < count; number += 1) {
    taken.push(number);
    yield number;
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function all<T>(things: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const thing of things) found.push(thing);
  return found;
}

describe('what is done with many things at once', () => {
  test('comes in their order, without what comes to nothing, and never more at once than allowed', async () => {
    let [now, most] = [0, 0];
    const results = await all(
      inOrder(numbers(50), 4, async (number) => {
        now += 1;
        most = Math.max(most, now);
        for (let turns = number % 5; turns >= 0; turns -= 1) await turn();
        now -= 1;
        return number % 2 === 0 ? number : undefined;
      }),
    );
    expect(results).toEqual(Array.from({ length: 25 }, (_, index) => index * 2));
    expect(most).toBe(4);
  });

  test('takes no more of them than somebody reads', async () => {
    const taken: number[] = [];
    for await (const result of inOrder(numbers(1_000, taken), 4, async (number) => number)) {
      if (result === 10) break;
    }
    expect(taken.length).toBeLessThan(20);
  });

  test('ends with the first failure in their order', async () => {
    const failing = inOrder(numbers(10), 4, async (number) => {
      if (number >= 2) throw new Error(`no ${number}`);
      return number;
    });
    await expect(all(failing)).rejects.toThrow('no 2');
  });
});
