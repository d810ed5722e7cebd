import { describe, expect, it } from '@jest/globals';
import type { ConsentChange } from '../../../consent/change';
import { mergeStatements } from '../../../consent/consent-state';
import { type Effect, effectOf, isStale } from '../../../consent/effect';
import type { ConsentValue, Statement } from '../../../consent/statement';

const choice = (value: ConsentValue, at: number, path = 'p', user = 'u'): Statement => ({
  regulation: 'gdpr',
  path,
  user,
  choice: { value, at, known: at, eventId: `e${at}` },
});
const record = (value: ConsentValue, asOf: number, path = 'p'): Statement => ({
  regulation: 'gdpr',
  path,
  user: 'u',
  snapshot: { value, asOf },
});

function effectAfter(earlier: Statement[], ...statements: Statement[]): Effect {
  const before = mergeStatements([], earlier);
  const change: ConsentChange = { eventId: 'new', type: 'event.created', receivedAt: 0, statements };
  return effectOf(before, mergeStatements(before, statements), change);
}

describe('a change', () => {
  it('changes the paths that have another value in force', () => {
    expect(effectAfter([choice(true, 10)], choice(false, 20), choice(true, 20, 'q'))).toEqual({
      changed: ['p', 'q'],
      repeated: [],
      stale: false,
    });
  });

  it('changes a path whose value was chosen anew', () => {
    expect(effectAfter([choice(true, 10)], choice(true, 20)).changed).toEqual(['p']);
  });

  it('is stale when all it says is older than what is in force', () => {
    expect(effectAfter([choice(false, 20)], choice(true, 10))).toEqual({
      changed: [],
      repeated: [],
      stale: true,
    });
    expect(effectAfter([choice(false, 20)], record(true, 10)).stale).toBe(true);
  });

  it('is not stale when part of it is new', () => {
    expect(effectAfter([choice(false, 20)], choice(true, 10), choice(true, 10, 'q'))).toMatchObject({
      changed: ['q'],
      stale: false,
    });
  });

  it('is neither new nor stale when it was received before', () => {
    expect(effectAfter([choice(true, 10)], choice(true, 10))).toEqual({
      changed: [],
      repeated: [],
      stale: false,
    });
  });

  it('of which a record tells the same repeats it, as of that record', () => {
    expect(effectAfter([choice(true, 10)], record(true, 30))).toEqual({
      changed: [],
      repeated: [{ path: 'p', asOf: 30 }],
      stale: false,
    });
  });

  it('repeats nothing where the record says otherwise and does not count', () => {
    expect(effectAfter([choice(false, 10)], record(true, 10))).toEqual({
      changed: [],
      repeated: [],
      stale: false,
    });
  });

  it('repeats nothing where Didomi held nothing any more, later than the record', () => {
    const silence: Statement = { regulation: 'gdpr', path: 'p', user: 'u', silence: { asOf: 20 } };
    const nothing = { changed: [], repeated: [], stale: false };
    expect(effectAfter([silence], record(true, 10))).toEqual(nothing);
  });

  it('changes a path whose value is another at the same time', () => {
    expect(effectAfter([choice(true, 10)], choice(false, 10)).changed).toEqual(['p']);
  });

  it('is not stale when it uncovers something, however early it was', () => {
    const soon: Statement = {
      regulation: 'gdpr',
      path: 'p',
      user: 'u',
      choice: { value: true, at: 20, known: 14, eventId: 'soon' },
    };
    const takenBack: Statement = {
      regulation: 'gdpr',
      path: 'p',
      user: 'u',
      retraction: { eventId: 'soon', known: 15 },
    };
    expect(effectAfter([choice(false, 16), soon], takenBack)).toMatchObject({ changed: ['p'], stale: false });
  });

  it('is not stale when only a part of it is older, and the rest was received before', () => {
    const earlier = [choice(false, 20), choice(true, 20, 'q')];
    expect(effectAfter(earlier, choice(true, 10), choice(true, 20, 'q')).stale).toBe(false);
  });

  it('that only makes an opt-in overcome an opt-out of another user is a change', () => {
    const earlier = [choice(false, 10, 'p', 'u1')];
    expect(effectAfter(earlier, choice(true, 11, 'p', 'u2')).changed).toEqual(['p']);
    expect(effectAfter(earlier, choice(true, 9, 'p', 'u2'))).toMatchObject({ changed: [], stale: true });
  });

  it('that takes the only choice back is a change', () => {
    const takenBack: Statement = {
      regulation: 'gdpr',
      path: 'p',
      user: 'u',
      retraction: { eventId: 'e10', known: 20 },
    };
    expect(effectAfter([choice(true, 10)], takenBack).changed).toEqual(['p']);
    expect(effectAfter([], takenBack)).toEqual({ changed: [], repeated: [], stale: false });
  });

  it('without statements is neither new nor stale', () => {
    const nothing = { eventId: 'e', type: 'user.updated', receivedAt: 0, statements: [] };
    expect(effectOf([], [], nothing)).toEqual({ changed: [], repeated: [], stale: false });
  });

  it('in which Didomi held nothing, or took something back, is stale when that is older than what is in force', () => {
    const subject = { regulation: 'gdpr', path: 'p', user: 'u' };
    const silence = (asOf: number): Statement => ({ ...subject, silence: { asOf } });
    const takenBack = (known: number): Statement => ({ ...subject, retraction: { eventId: 'x', known } });
    const earlier = [choice(false, 20)];
    expect(effectAfter(earlier, silence(19)).stale).toBe(true);
    expect(effectAfter(earlier, silence(20)).stale).toBe(false);
    expect(effectAfter(earlier, silence(21)).stale).toBe(false);
    expect(effectAfter(earlier, takenBack(19)).stale).toBe(true);
    expect(effectAfter(earlier, takenBack(20)).stale).toBe(false);
    expect(effectAfter(earlier, takenBack(21)).stale).toBe(false);
  });
});

describe('what another workflow left in the ledger', () => {
  const state = () => mergeStatements([], [choice(false, 20), choice(true, 20, 'q')]);

  it('makes stale what is all older', () => {
    expect(isStale([choice(true, 10), choice(false, 10, 'q')], state())).toBe(true);
  });

  it('makes nothing stale of which a part is not older, or that it does not speak of', () => {
    expect(isStale([choice(true, 10), choice(false, 20, 'q')], state())).toBe(false);
    expect(isStale([choice(true, 10, 'r')], state())).toBe(false);
    expect(isStale([], state())).toBe(false);
  });
});
