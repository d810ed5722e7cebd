/**
 * Does something with each of many things, several at once, and yields what comes of it in the order of the things;
 * takes no more of them than are worked on. What comes to nothing (undefined) is left out.
 */
export async function* inOrder<T, R>(
  things: AsyncIterable<T>,
  atOnce: number,
  act: (thing: T) => Promise<R | undefined>,
): AsyncGenerator<R> {
  const underWay: Promise<R | undefined>[] = [];
  try {
    for await (const thing of things) {
      const acting = act(thing);
      // Whoever awaits it in its order meets the failure.
      acting.catch(() => undefined);
      underWay.push(acting);
      if (underWay.length < atOnce) continue;
      const result = await underWay.shift();
      if (result !== undefined) yield result;
    }
    for (let next = underWay.shift(); next; next = underWay.shift()) {
      const result = await next;
      if (result !== undefined) yield result;
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}
