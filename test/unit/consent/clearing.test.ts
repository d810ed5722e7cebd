import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  forbiddingUnsubscription,
  guardedSince,
  ownPuttingBack,
  type Unsubscription,
} from '../../../consent/clearing';
import type { OwnBlacklisting } from '../../../consent/contact';
import type { ClearingTerms } from '../../../consent/decide';
import { checkProperty } from '../../support/check-property';

const OPT_IN: ClearingTerms = { optInAt: 1_000, unconditional: false, own: [] };

const by = (who: Unsubscription['by'], at?: number): Unsubscription => ({
  by: who,
  ...(at !== undefined && { at }),
});
const own = (from: number, to: number): OwnBlacklisting => ({ seenOffAt: from - 500, from, to });

describe('an unsubscription that Brevo knows', () => {
  it('after the opt-in forbids taking the contact off the blacklist', () => {
    expect(forbiddingUnsubscription(OPT_IN, [by('user', 1_001_000)])).toEqual(by('user', 1_001_000));
  });

  it('in the very second of the opt-in forbids it', () => {
    expect(forbiddingUnsubscription(OPT_IN, [by('user', 1_000_000)])).toBeDefined();
    expect(forbiddingUnsubscription(OPT_IN, [by('user', 1_000_999)])).toBeDefined();
  });

  it('before the opt-in does not', () => {
    expect(forbiddingUnsubscription(OPT_IN, [by('user', 999_999), by('complaint', 1)])).toBeUndefined();
  });

  it.each(['user', 'admin', 'complaint'] as const)('without a time counts as later (%s)', (who) => {
    expect(forbiddingUnsubscription(OPT_IN, [by(who)])).toEqual(by(who));
    expect(forbiddingUnsubscription({ ...OPT_IN, own: [own(0, 9e12)] }, [by(who)])).toEqual(by(who));
  });

  it('as the trace of our own write does not count', () => {
    const terms = { ...OPT_IN, own: [own(2_000_000, 2_003_000)] };
    for (const at of [1_998_000, 2_000_000, 2_003_000, 2_005_000]) {
      expect(forbiddingUnsubscription(terms, [by('admin', at)])).toBeUndefined();
    }
  });

  it('as the trace of our own write does not count while nobody knows how the write ended', () => {
    const terms = { ...OPT_IN, own: [{ seenOffAt: 1_999_000, from: 2_000_000 }] };
    expect(forbiddingUnsubscription(terms, [by('admin', 9e12)])).toBeUndefined();
    expect(forbiddingUnsubscription(terms, [by('admin', 1_997_999)])).toBeDefined();
  });

  it('by somebody in the account counts when it is not the trace of our own write', () => {
    const terms = { ...OPT_IN, own: [own(2_000_000, 2_003_000)] };
    for (const at of [1_997_999, 2_005_001]) {
      expect(forbiddingUnsubscription(terms, [by('admin', at)])).toBeDefined();
    }
  });

  it.each(['user', 'complaint'] as const)('by the person (%s) counts even while we wrote', (who) => {
    const terms = { ...OPT_IN, own: [own(2_000_000, 2_003_000)] };
    expect(forbiddingUnsubscription(terms, [by(who, 2_001_000)])).toBeDefined();
  });

  it('is named by the latest of several, and one without a time is the latest', () => {
    const all = [by('user', 1_500_000), by('complaint', 1_700_000), by('admin', 1_600_000)];
    expect(forbiddingUnsubscription(OPT_IN, all)).toEqual(by('complaint', 1_700_000));
    expect(forbiddingUnsubscription(OPT_IN, [...all, by('user')])).toEqual(by('user'));
  });
});

describe('our putting an unsubscription back in force', () => {
  const forbids = (putBack: { from: number; to: number }, at: number) => {
    const own = [ownPuttingBack(putBack, 1_000)];
    return forbiddingUnsubscription({ ...OPT_IN, optInAt: 900, own }, [by('admin', at)]) !== undefined;
  };

  it('is no reason to refuse a later opt-in, however long it took', () => {
    const putBack = { from: 2_000_000, to: 2_003_000 };
    expect(ownPuttingBack(putBack, 1_000)).toEqual({ seenOffAt: 2_000_000, ...putBack });
    for (const at of [1_998_000, 2_005_000]) expect(forbids(putBack, at)).toBe(false);
    for (const at of [1_997_999, 2_005_001]) expect(forbids(putBack, at)).toBe(true);
  });

  it('is not taken for the unsubscription itself, however close they are', () => {
    const putBack = { from: 1_000_300, to: 1_000_400 };
    for (const at of [1_000_000, 1_000_999]) expect(forbids(putBack, at)).toBe(true);
    for (const at of [1_001_000, 1_003_000]) expect(forbids(putBack, at)).toBe(false);
    expect(forbids(putBack, 1_003_001)).toBe(true);
  });

  it('that ended well after the unsubscription counts until it ended', () => {
    const putBack = { from: 1_000_300, to: 1_009_000 };
    for (const at of [1_001_000, 1_011_000]) expect(forbids(putBack, at)).toBe(false);
    expect(forbids(putBack, 1_011_001)).toBe(true);
  });
});

describe('an opt-in of unknown time', () => {
  it('is weighed against what happened since the contact was last seen off the blacklist', () => {
    const terms = { unconditional: false, own: [own(900_000, 901_000), own(2_000_000, 2_003_000)] };
    expect(guardedSince(terms)).toBe(1_999);
    expect(forbiddingUnsubscription(terms, [by('user', 1_999_500)])).toBeDefined();
    expect(forbiddingUnsubscription(terms, [by('user', 1_998_999)])).toBeUndefined();
  });

  it('is weighed against the latest of our blacklistings, however many there are', () => {
    const all = [1, 2, 3, 4].map((nth) => own(nth * 1_000_000, nth * 1_000_000 + 5));
    for (const count of [1, 3, 4]) {
      const terms = { unconditional: false, own: all.slice(0, count) };
      expect(guardedSince(terms)).toBe(count * 1_000 - 1);
    }
  });

  it('is weighed against everything when we never blacklisted the contact', () => {
    const terms = { unconditional: false, own: [] };
    expect(forbiddingUnsubscription(terms, [by('user', 1)])).toBeDefined();
  });
});

it('with resubscribe "always" nothing is asked for and nothing forbids', () => {
  const terms = { ...OPT_IN, unconditional: true };
  expect(guardedSince(terms)).toBeUndefined();
  expect(forbiddingUnsubscription(terms, [by('user'), by('complaint', 9e12)])).toBeUndefined();
});

describe('whatever Brevo knows', () => {
  const anyUnsubscription = fc.record(
    { by: fc.constantFrom('user', 'admin', 'complaint'), at: fc.integer({ min: 0, max: 20_000 }) },
    { requiredKeys: ['by'] },
  ) as fc.Arbitrary<Unsubscription>;
  const anyTerms = fc.record(
    {
      optInAt: fc.integer({ min: 0, max: 20 }),
      unconditional: fc.constant(false),
      own: fc.array(
        fc.tuple(fc.nat(20_000), fc.nat(2_000)).map(([from, span]) => own(from, from + span)),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: ['unconditional', 'own'] },
  ) as fc.Arbitrary<ClearingTerms>;

  it("a later unsubscription or complaint of the person's own always forbids", () => {
    checkProperty(
      fc.property(anyTerms, fc.array(anyUnsubscription), anyUnsubscription, (terms, others, one) => {
        const since = guardedSince(terms) ?? 0;
        fc.pre(one.by !== 'admin' && (one.at === undefined || Math.floor(one.at / 1000) >= since));
        expect(forbiddingUnsubscription(terms, [...others, one])).toBeDefined();
      }),
    );
  });

  it('the order in which it tells it does not matter', () => {
    checkProperty(
      fc.property(anyTerms, fc.array(anyUnsubscription), (terms, all) => {
        const [one, other] = [all, all.toReversed()].map((list) => forbiddingUnsubscription(terms, list));
        expect(one?.at).toBe(other?.at);
        expect(one === undefined).toBe(other === undefined);
      }),
    );
  });

  it('knowing more never makes clearing more permissible', () => {
    checkProperty(
      fc.property(anyTerms, fc.array(anyUnsubscription), anyUnsubscription, (terms, all, more) => {
        if (forbiddingUnsubscription(terms, all)) {
          expect(forbiddingUnsubscription(terms, [...all, more])).toBeDefined();
        }
      }),
    );
  });
});
