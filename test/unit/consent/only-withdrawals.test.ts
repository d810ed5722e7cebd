import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ConsentState, inForce, mergeStatements, mergeStates } from '../../../consent/consent-state';
import { inForceForUser } from '../../../consent/in-force';
import { onlyWithdrawals } from '../../../consent/only-withdrawals';
import { BLACKLIST_FLAG, type Mapping } from '../../../consent/rules';
import { type ConsentValue, isOptOut, type Statement } from '../../../consent/statement';
import { checkProperty } from '../../support/check-property';
import { anyStatementsAndSilence as anyStatements, PATHS } from './any-statements';

const NEWS = 'consents_purposes_news_enabled';

interface Said {
  at?: number;
  user?: string;
  regulation?: string;
  eventId?: string;
}

function chosen(value: ConsentValue, { at = 100, user = 'u1', regulation = 'gdpr', eventId }: Said = {}) {
  const choice = { value, at, known: at, eventId: eventId ?? `e${at}` };
  return { regulation, path: NEWS, user, choice };
}

function recorded(value: ConsentValue, { at = 100, user = 'u1', regulation = 'gdpr' }: Said = {}) {
  return { regulation, path: NEWS, user, snapshot: { value, asOf: at } };
}

const retracted = (eventId: string, known: number) => ({
  regulation: 'gdpr',
  path: NEWS,
  user: 'u1',
  retraction: { eventId, known },
});

function reduce(
  source: Statement[],
  {
    ledger = [],
    mappings = [{ id: 'NEWS', value: NEWS }],
  }: {
    ledger?: Statement[];
    mappings?: Mapping[];
  } = {},
) {
  const state = mergeStatements([], source);
  const held = mergeStatements([], ledger);
  return onlyWithdrawals({ source: state, ledger: held, known: mergeStates(state, held) }, mappings);
}

/** What came of the path. */
const NOT_SAID = { state: [], withheld: [NEWS] };
const stateOf = (...statements: Statement[]) => ({ state: mergeStatements([], statements), withheld: [] });

describe('of an old source', () => {
  it('a no that is in force counts, whether it was chosen or recorded', () => {
    expect(reduce([chosen(false)])).toEqual(stateOf(chosen(false)));
    expect(reduce([recorded('')])).toEqual(stateOf(recorded('')));
  });

  it('a yes does not count', () => {
    expect(reduce([chosen(true)])).toEqual(NOT_SAID);
    expect(reduce([recorded('weekly')])).toEqual(NOT_SAID);
  });

  it('a no that the person had taken back does not count', () => {
    expect(reduce([chosen(false, { at: 90 }), chosen(true)])).toEqual(NOT_SAID);
  });

  it('nothing is left of what came before a no, that its deletion could uncover', () => {
    expect(reduce([chosen(true, { at: 90 }), recorded(true, { at: 80 }), chosen(false)])).toEqual(
      stateOf(chosen(false)),
    );
  });

  it('a choice that was deleted says nothing, and that it was deleted is left to newer sources', () => {
    expect(reduce([chosen(false), retracted('e100', 110), chosen(true, { at: 90 })])).toEqual(NOT_SAID);
    expect(reduce([chosen(false, { at: 120 }), chosen(true), retracted('e100', 110)])).toEqual(
      stateOf(chosen(false, { at: 120 })),
    );
  });

  it('the no of another Didomi user counts without the yes that it outweighs', () => {
    expect(reduce([chosen(true), recorded(false, { user: 'u2' })])).toEqual(
      stateOf(recorded(false, { user: 'u2' })),
    );
  });

  it('a no under one regulation counts without a no that was overcome under the other', () => {
    const source = [
      chosen(false, { regulation: 'gdpr', at: 50 }),
      chosen(false, { regulation: 'cpra', at: 80, user: 'u2' }),
      chosen(true, { regulation: 'cpra', at: 90 }),
    ];
    expect(reduce(source)).toEqual(stateOf(chosen(false, { regulation: 'gdpr', at: 50 })));
  });
});

describe('a mapping that writes other values', () => {
  const write = (id: string, values: Mapping['write']): Mapping => ({
    id,
    value: NEWS,
    ...(values && { write: values }),
  });

  it('makes a preference that unsubscribes a withdrawal, with what is written beside it', () => {
    const mappings = [write(BLACKLIST_FLAG, { weekly: true, never: false }), write('RHYTHM', undefined)];
    expect(reduce([chosen('never')], { mappings })).toEqual(stateOf(chosen('never')));
    expect(reduce([chosen('weekly')], { mappings })).toEqual(NOT_SAID);
  });

  it('does not make a yes a withdrawal by writing false', () => {
    expect(reduce([chosen(true)], { mappings: [write('OBJECTS', { true: false, false: true })] })).toEqual(
      NOT_SAID,
    );
  });

  it('keeps a no from counting that would subscribe', () => {
    const mappings = [write(BLACKLIST_FLAG, { true: false, false: true })];
    expect(reduce([chosen(false)], { mappings })).toEqual(NOT_SAID);
  });

  it('takes a value back only where it takes every attribute back', () => {
    const mappings = [write('DAILY', { weekly: false }), write('WEEKLY', { weekly: true })];
    expect(reduce([chosen('weekly')], { mappings })).toEqual(NOT_SAID);
    expect(reduce([chosen('weekly')], { mappings: mappings.slice(0, 1) })).toEqual(stateOf(chosen('weekly')));
  });
});

describe("the contact's ledger", () => {
  it('confirms a yes that it holds in force since the same time', () => {
    expect(reduce([chosen(true)], { ledger: [chosen(true)] })).toEqual(stateOf(chosen(true)));
  });

  it('does not confirm a yes that it knows an older one of', () => {
    expect(reduce([chosen(true)], { ledger: [chosen(true, { at: 90 })] })).toEqual(NOT_SAID);
  });

  it('does not confirm a yes that it knows a later no of', () => {
    const later = chosen(false, { at: 120 });
    expect(reduce([chosen(true)], { ledger: [chosen(true), later] })).toEqual(stateOf(later));
  });

  it('does not confirm a yes that another user of the source says no to', () => {
    const no = chosen(false, { at: 120, user: 'u2' });
    expect(reduce([chosen(true), no], { ledger: [chosen(true)] })).toEqual(stateOf(no));
  });

  it('is not asked about what the source does not speak of', () => {
    expect(reduce([], { ledger: [chosen(true)] })).toEqual({ state: [], withheld: [] });
  });
});

describe('whatever an old source says, and whatever else is known', () => {
  const MAPPINGS = PATHS.map((path) => ({ id: path.toUpperCase(), value: path }));
  const anyStates = fc.tuple(anyStatements, anyStatements, anyStatements).map(([source, ledger, others]) => ({
    source: mergeStatements([], source),
    ledger: mergeStatements([], ledger),
    others: mergeStatements([], others),
  }));
  const valueIn = (state: ConsentState, path: string) => inForce(state, path);

  // A no of unknown time may turn out to be older than another user's yes: then that yes counts, and it is not ours.
  it('no yes of its own comes into force', () => {
    checkProperty(
      fc.property(anyStates, ({ source, ledger, others }) => {
        const { state } = onlyWithdrawals({ source, ledger, known: mergeStates(source, ledger) }, MAPPINGS);
        const before = mergeStates(others, ledger);
        const after = mergeStates(before, state);
        for (const path of PATHS) {
          const is = valueIn(after, path);
          if (!is || isOptOut(is.value)) continue;
          const registers = before.filter((register) => register.path === path);
          expect(registers.map((register) => inForceForUser(register)?.value)).toContain(is.value);
        }
      }),
      1_000,
    );
  });

  it('every no that is in force comes through', () => {
    checkProperty(
      fc.property(anyStates, ({ source, ledger }) => {
        const known = mergeStates(source, ledger);
        const { state, withheld } = onlyWithdrawals({ source, ledger, known }, MAPPINGS);
        for (const path of new Set(source.map((register) => register.path))) {
          const found = valueIn(known, path);
          if (found && isOptOut(found.value)) {
            expect(valueIn(state, path)).toEqual(found);
            expect(withheld).not.toContain(path);
          }
        }
      }),
      1_000,
    );
  });
});
