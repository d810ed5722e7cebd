import { describe, expect, it } from '@jest/globals';
import { type ConsentState, mergeStatements, mergeStates } from '../../../consent/consent-state';
import { onlyWithdrawals } from '../../../consent/only-withdrawals';
import { BLACKLIST_FLAG, type Mapping } from '../../../consent/rules';
import type { ConsentValue, Statement } from '../../../consent/statement';

const TOPICS = 'consents_preferences_topics_value';

interface Said {
  at?: number;
  user?: string;
  eventId?: string;
}

function chosen(value: ConsentValue, { at = 100, user = 'u1', eventId = `e${at}` }: Said = {}): Statement {
  return { regulation: 'gdpr', path: TOPICS, user, choice: { value, at, known: at, eventId } };
}

function recorded(value: ConsentValue, { at = 100, user = 'u1' }: Said = {}): Statement {
  return { regulation: 'gdpr', path: TOPICS, user, snapshot: { value, asOf: at } };
}

const mapped = (id: string, write?: Mapping['write'], value = TOPICS): Mapping => ({
  id,
  value,
  ...(write && { write }),
});

/** What may still be said of topics. */
function counted(source: Statement[], mappings: Mapping[], ledger: Statement[] = []): ConsentState {
  const state = mergeStatements([], source);
  const held = mergeStatements([], ledger);
  const known = mergeStates(state, held);
  const found = onlyWithdrawals({ source: state, ledger: held, known }, mappings);
  expect(found.withheld).toEqual(found.state.length === 0 ? [TOPICS] : []);
  return found.state;
}

const NOTHING: ConsentState = [];
const stateOf = (...statements: Statement[]) => mergeStatements([], statements);

describe('of an old source, where the mapping leaves a doubt', () => {
  it('a no counts, though the "write" of the blacklist flag does not list it', () => {
    const mappings = [mapped(BLACKLIST_FLAG, { weekly: true })];
    expect(counted([chosen('')], mappings)).toEqual(stateOf(chosen('')));
  });

  it('a preference does not count that the blacklist flag does not list, whatever else it takes back', () => {
    const mappings = [mapped(BLACKLIST_FLAG, { weekly: true }), mapped('DAILY', { never: false })];
    expect(counted([chosen('never')], mappings)).toEqual(NOTHING);
  });

  it('a no counts that nothing is mapped from, and a preference does not', () => {
    expect(counted([chosen('')], [])).toEqual(stateOf(chosen('')));
    expect(counted([chosen('never')], [])).toEqual(NOTHING);
  });

  it('nothing is withheld of a path of which nothing is in force any more', () => {
    const { regulation, path, user } = chosen(true);
    const retraction = { eventId: 'e100', known: 110 };
    const known = stateOf(chosen(true), { regulation, path, user, retraction });
    const found = onlyWithdrawals({ source: known, ledger: [], known }, [mapped(BLACKLIST_FLAG)]);
    expect(found).toEqual({ state: [], withheld: [] });
  });

  it('a preference is judged by the mappings of its own path alone', () => {
    const other = 'consents_purposes_mail_enabled';
    const yes: Statement = { ...chosen(true), path: other };
    const flag = mapped(BLACKLIST_FLAG, undefined, other);
    expect(counted([chosen('never')], [flag, mapped('TOPICS', { never: false })])).toEqual(
      stateOf(chosen('never')),
    );
    const known = stateOf(chosen('never'), yes);
    const { state, withheld } = onlyWithdrawals({ source: known, ledger: [], known }, [
      flag,
      mapped('TOPICS', { never: false }),
    ]);
    expect(state).toEqual(stateOf(chosen('never')));
    expect(withheld).toEqual([other]);
  });
});

describe('of an old source, no more than what says the withdrawal is kept', () => {
  const UNSUBSCRIBES = [mapped(BLACKLIST_FLAG, { never: false, daily: true })];

  it('which is every no, however it is said', () => {
    const noes = [chosen(''), recorded(false, { user: 'u2', at: 50 })];
    expect(counted(noes, UNSUBSCRIBES)).toEqual(stateOf(...noes));
  });

  it('which is of preferences the one that unsubscribes, and not what another user chose before', () => {
    const never = chosen('never');
    expect(counted([never, chosen('daily', { user: 'u2', at: 90 })], UNSUBSCRIBES)).toEqual(stateOf(never));
    expect(counted([never, chosen('never', { user: 'u2', at: 90 })], UNSUBSCRIBES)).toEqual(
      stateOf(never, chosen('never', { user: 'u2', at: 90 })),
    );
  });

  it('which is the choice in force, and no other of the same event or the same second', () => {
    const no = chosen(false, { eventId: 'e' });
    for (const other of [
      chosen(false, { eventId: 'd' }),
      chosen(false, { eventId: 'e', at: 90 }),
      chosen('', { eventId: 'e' }),
    ]) {
      expect(counted([no, other], UNSUBSCRIBES)).toEqual(stateOf(no));
    }
  });

  it('which is a record too, where it repeats the choice', () => {
    expect(counted([chosen(false), recorded(false, { at: 120 })], UNSUBSCRIBES)).toEqual(
      stateOf(chosen(false), recorded(false, { at: 120 })),
    );
  });
});

describe("of an old source, a yes that the contact's ledger confirms", () => {
  const MAPPINGS = [mapped(BLACKLIST_FLAG)];
  const confirmed = (source: Statement[], ledger: Statement[]) => counted(source, MAPPINGS, ledger);

  it('counts where both know it from a record of the same time', () => {
    expect(confirmed([recorded(true)], [recorded(true)])).toEqual(stateOf(recorded(true)));
  });

  it('does not count where the ledger knows it from an older record', () => {
    expect(confirmed([recorded(true)], [recorded(true, { at: 90 })])).toEqual(NOTHING);
  });

  it('counts where a record of the source repeats the choice', () => {
    expect(confirmed([chosen(true), recorded(true, { at: 120 })], [chosen(true)])).toEqual(
      stateOf(chosen(true)),
    );
  });

  it('does not carry along what the ledger holds of another path', () => {
    const other = 'consents_purposes_mail_enabled';
    const ledger = stateOf(chosen(true), { ...chosen(true, { at: 90 }), path: other });
    const source = stateOf(chosen(true), { ...chosen(true), path: other });
    const known = mergeStates(source, ledger);
    expect(onlyWithdrawals({ source, ledger, known }, MAPPINGS)).toEqual({
      state: stateOf(chosen(true)),
      withheld: [other],
    });
  });

  it('does not count where the ledger holds another value of the same second', () => {
    const [weekly, daily] = [chosen('weekly', { eventId: 'b' }), chosen('daily', { eventId: 'a' })];
    expect(confirmed([weekly], [daily])).toEqual(NOTHING);
  });
});
