import { describe, expect, it } from '@jest/globals';
import { OpenSources } from '../../../resync/open-sources';
import type { Batch, Source } from '../../../resync/source';

/** Five batches; notes from where it was read. */
class Counted implements Source<number> {
  readonly opened: (number | undefined)[] = [];
  closed = 0;

  async *batches(from: number | undefined): AsyncGenerator<Batch<number>> {
    this.opened.push(from);
    try {
      for (let next = (from ?? 0) + 1; next <= 5; next += 1) yield { records: [], next };
    } finally {
      this.closed += 1;
    }
  }
}

async function read(
  source: Source<unknown>,
  from: unknown,
  count: number,
  signal = new AbortController().signal,
) {
  const batches = source.batches(from, signal);
  const found: unknown[] = [];
  try {
    while (found.length < count) {
      const next = await batches.next();
      if (next.done) break;
      found.push(next.value.next);
    }
  } finally {
    await batches.return(undefined);
  }
  return found;
}

describe('a source that is read in steps', () => {
  it('is opened once, as long as each step begins where the last one ended', async () => {
    const [sources, counted] = [new OpenSources(), new Counted()];
    const open = async () => counted as Source<unknown>;
    expect(await read(await sources.of('run', open), undefined, 2)).toEqual([1, 2]);
    expect(await read(await sources.of('run', open), 2, 2)).toEqual([3, 4]);
    expect(await read(await sources.of('run', open), 4, 9)).toEqual([5]);
    expect(counted).toMatchObject({ opened: [undefined], closed: 1 });
  });

  it('is opened anew where a step begins elsewhere, or was interrupted', async () => {
    const [sources, counted] = [new OpenSources(), new Counted()];
    const source = await sources.of('run', async () => counted as Source<unknown>);
    await read(source, undefined, 3);
    expect(await read(source, 1, 1)).toEqual([2]);
    const interrupted = new AbortController();
    const step = read(source, 2, 1, interrupted.signal);
    interrupted.abort();
    await step;
    expect(await read(source, 3, 1)).toEqual([4]);
    expect(counted).toMatchObject({ opened: [undefined, 1, 3], closed: 2 });
    sources.close('run');
    await new Promise(setImmediate);
    expect(counted.closed).toBe(3);
  });
});
