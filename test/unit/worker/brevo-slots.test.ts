import { describe, expect, it } from '@jest/globals';
import { BrevoSlots } from '../../../worker/brevo-slots';

/** Those who wait for a budget. */
class Crowd {
  waiting = 0;
  private told: () => void = () => undefined;
  waitingOf = () => this.waiting;
  onLeft = (told: () => void) => {
    this.told = told;
  };
  leave(): void {
    this.waiting -= 1;
    this.told();
  }
}

function slotsOf(crowd: Crowd, { most = 100, mostWaiting = 2 } = {}) {
  const slots = new BrevoSlots({ budget: crowd, party: 'newsletter', most, mostWaiting });
  const granted: number[] = [];
  const ask = (name: number, signal = new AbortController().signal) =>
    slots.reserveSlot(undefined, signal).then(() => {
      granted.push(name);
    });
  return { slots, granted, ask };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('tasks of an integration are fetched', () => {
  it('only while few calls wait for their turn, in the order of asking', async () => {
    const crowd = new Crowd();
    const { granted, ask } = slotsOf(crowd);
    crowd.waiting = 3;
    void ask(1);
    void ask(2);
    await settled();
    expect(granted).toEqual([]);
    crowd.leave();
    await settled();
    expect(granted).toEqual([]);
    crowd.leave();
    await settled();
    expect(granted).toEqual([1, 2]);
  });

  it('whatever is under way, up to a bound', async () => {
    const { slots, granted, ask } = slotsOf(new Crowd(), { most: 3 });
    for (let i = 1; i <= 4; i++) void ask(i);
    await settled();
    expect(granted).toEqual([1, 2, 3]);
    expect(slots.tryReserveSlot()).toBeNull();
    slots.releaseSlot();
    await settled();
    expect(granted).toEqual([1, 2, 3, 4]);
  });

  it('no more when the worker ends: whoever asked gives up, and takes no place', async () => {
    const crowd = new Crowd();
    const { granted, ask } = slotsOf(crowd, { most: 1 });
    crowd.waiting = 2;
    const ending = new AbortController();
    const given = ask(1, ending.signal).catch((error: unknown) => error);
    void ask(2);
    const reason = new Error('the worker ends');
    ending.abort(reason);
    expect(await given).toBe(reason);
    crowd.leave();
    await settled();
    expect(granted).toEqual([2]);
  });
});
