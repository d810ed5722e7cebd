import { describe, expect, test } from '@jest/globals';
import { Minute } from '../../../metrics/minute';
import { keepRefreshing } from '../../../metrics/refreshing';
import { until } from '../../support/until';

/** Runs what it is given, as a client does whose deadline is far. */
const temporal = { withDeadline: <T>(_deadline: number | Date, run: () => Promise<T>) => run() };

function refreshed(refresh: (time: number) => Promise<void>) {
  const ending = new AbortController();
  const told: string[] = [];
  let times = 0;
  const one = {
    name: 'figures',
    refresh: () => {
      times += 1;
      return refresh(times);
    },
  };
  keepRefreshing([one], {
    temporal,
    everyMs: 5,
    signal: ending.signal,
    tell: (name, isFresh) => told.push(`${name} ${isFresh ? 'fresh' : 'stale'}`),
  });
  return { end: () => ending.abort(), told, times: () => times };
}

describe('values that Temporal is asked for', () => {
  test('are asked for again and again, until the end', async () => {
    const { end, times } = refreshed(async () => {});
    await until('it was asked three times', () => times() >= 3);
    end();
    const asked = times();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(times()).toBe(asked);
  });

  test('that cannot be had are told once, and once more when they can be had again', async () => {
    const { end, told, times } = refreshed(async (time) => {
      if (time <= 3) throw new Error('away');
    });
    await until('they are had again', () => times() >= 6);
    end();
    expect(told).toEqual(['figures stale', 'figures fresh']);
  });

  test('are not asked for twice at once', async () => {
    const { end, times } = refreshed(() => new Promise(() => {}));
    await new Promise((resolve) => setTimeout(resolve, 50));
    end();
    expect(times()).toBe(1);
  });
});

describe('what was in the last minute', () => {
  test('is counted until it is a minute ago', () => {
    const minute = new Minute();
    minute.add(1_000.2);
    minute.add(1_000.9);
    minute.add(1_030);
    expect(minute.count(1_030)).toBe(3);
    expect(minute.count(1_059.9)).toBe(3);
    expect(minute.count(1_060)).toBe(1);
    expect(minute.count(1_090)).toBe(0);
    minute.add(99_999);
    expect(minute.count(100_000)).toBe(1);
  });
});
