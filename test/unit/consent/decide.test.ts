import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AttributeType } from '../../../consent/attribute';
import {
  type BlacklistMemory,
  type Contact,
  NO_BLACKLIST_MEMORY,
  type Target,
} from '../../../consent/contact';
import {
  type Action,
  type AttributeWrite,
  type Decision,
  decide,
  isWithdrawing,
  type LedgerNeed,
  type Situation,
} from '../../../consent/decide';
import { BLACKLIST_FLAG, RESUBSCRIBE_OPTIONS } from '../../../consent/rules';
import { type ConsentValue, isOptOut } from '../../../consent/statement';
import type { Wish } from '../../../consent/wish';
import { checkProperty } from '../../support/check-property';

const NEWSLETTER = 'consents_purposes_newsletter_enabled';
const target = (id: string, type: AttributeType): Target => ({ id, name: id, type });
const TARGETS = [
  target('OPT_EMAIL', { kind: 'boolean' }),
  target('TOPICS', { kind: 'multiple-choice', options: ['sport', 'culture'] }),
  target('RHYTHM', { kind: 'text' }),
  target('GONE', { kind: 'missing' }),
];

/** `time` in s; null: unknown. */
function wish(id: string, value: ConsentValue | undefined, time: number | null = 100): Wish {
  const said = value ?? 'not listed';
  const inForce = time === null ? { value: said, asOf: 100 } : { value: said, time };
  return { id, path: NEWSLETTER, inForce, value };
}
const flag = (value: ConsentValue | undefined, time: number | null = 100) =>
  wish(BLACKLIST_FLAG, value, time);

const contact = (emailBlacklisted: boolean, attributes: Record<string, unknown> = {}): Contact => ({
  id: 7,
  emailBlacklisted,
  attributes,
});
const SUBSCRIBED = contact(false);
const BLACKLISTED = contact(true);

const OWN = [{ seenOffAt: 40_000, from: 50_000, to: 51_000 }];
const BY_US: BlacklistMemory = { own: OWN, on: { since: 50, byUs: true } };
const BY_OTHERS: BlacklistMemory = { own: [], on: { since: 50, byUs: false } };

interface Given extends Partial<Omit<Situation, 'rules' | 'wishes'>> {
  rules?: Partial<Situation['rules']>;
}

function decideFor(wishes: Wish[], { rules, ...given }: Given = {}): Decision {
  return decide({
    wishes,
    contact: SUBSCRIBED,
    targets: TARGETS,
    memory: NO_BLACKLIST_MEMORY,
    anew: new Set(),
    ...given,
    rules: { upsertMode: true, identifier: 'auto', resubscribe: 'newer', ...rules },
  });
}

/** In few words: `create +list?`, the values to be written, and what happens to the blacklist. */
function inShort({ action, guarded }: Decision): string {
  const values = (of: Exclude<Action, { kind: 'none' }>) =>
    of.attributes.map(({ id, value }) => `${id}=${JSON.stringify(value)}`);
  const parts =
    action.kind === 'none'
      ? [action.outcome]
      : [action.kind, ...values(action), ...('blacklist' in action && action.blacklist ? ['blacklist'] : [])];
  return [...parts, ...(guarded ? [`(${guarded})`] : [])].join(' ');
}

describe('an unknown contact', () => {
  const unknown = (wishes: Wish[], given: Given = {}) =>
    inShort(decideFor(wishes, { contact: null, ...given }));

  it('is not created without upsert_mode, whatever is in force', () => {
    const rules = { upsertMode: false };
    expect(unknown([flag(true), wish('OPT_EMAIL', true)], { rules })).toBe('skipped');
    expect(unknown([flag(false)], { rules })).toBe('skipped');
    expect(unknown([], { rules, memory: BY_OTHERS })).toBe('skipped');
  });

  it('is not created where Brevo gives the ids', () => {
    expect(unknown([flag(true)], { rules: { identifier: 'contact_id' } })).toBe('skipped');
  });

  it('that is skipped has no value that could be refused', () => {
    const decision = decideFor([wish('GONE', true), flag(undefined)], {
      contact: null,
      rules: { upsertMode: false },
    });
    expect(decision).toEqual({ action: { kind: 'none', outcome: 'skipped' }, refused: [] });
  });

  it('is created with all values, and off the blacklist when the person opted in', () => {
    expect(unknown([flag(true), wish('OPT_EMAIL', true), wish('RHYTHM', 'weekly')])).toBe(
      'create OPT_EMAIL=true RHYTHM="weekly"',
    );
  });

  it('is created on the blacklist, in that one call, when the person opted out', () => {
    expect(unknown([flag(false), wish('OPT_EMAIL', false)])).toBe('create OPT_EMAIL=false blacklist');
    expect(unknown([flag('')])).toBe('create blacklist');
  });

  it('is created for an opt-in alone', () => {
    expect(unknown([flag(true)])).toBe('create');
    expect(unknown([flag(true, null)])).toBe('create');
  });

  it('is not created when nothing can be written, and that is shown', () => {
    const decision = decideFor([wish('GONE', true)], { contact: null });
    expect(inShort(decision)).toBe('skipped');
    expect(decision.refused).toEqual([{ id: 'GONE', reason: expect.stringContaining('does not exist') }]);
    expect(inShort(decideFor([], { contact: null }))).toBe('skipped');
  });

  describe('that Brevo lost', () => {
    it('carries the blacklist that it had, unless a later opt-in exists', () => {
      for (const memory of [BY_US, BY_OTHERS]) {
        expect(unknown([flag(true, 51)], { memory })).toBe('create');
        expect(unknown([flag(true, 50)], { memory })).toBe('create blacklist (later_unsubscription)');
        expect(unknown([flag(true, 49)], { memory })).toBe('create blacklist (later_unsubscription)');
        expect(unknown([flag(true, null)], { memory })).toBe('create blacklist (opt_in_time_unknown)');
        expect(unknown([wish('OPT_EMAIL', true)], { memory })).toBe('create OPT_EMAIL=true blacklist');
        expect(unknown([wish('OPT_EMAIL', true), flag(undefined)], { memory })).toBe(
          'create OPT_EMAIL=true blacklist',
        );
        expect(unknown([flag(false, 10)], { memory })).toBe('create blacklist');
      }
    });

    it('follows "resubscribe"', () => {
      const memory = BY_OTHERS;
      expect(unknown([flag(true, 1)], { memory, rules: { resubscribe: 'always' } })).toBe('create');
      expect(unknown([flag(true, 99)], { memory, rules: { resubscribe: 'never' } })).toBe(
        'create blacklist (resubscribe_never)',
      );
    });

    it('stays on the blacklist after that, although Brevo no longer knows why', () => {
      for (const byUs of [true, false]) {
        const memory: BlacklistMemory = { own: OWN, on: { since: 50, byUs, carried: true } };
        const known = (one: Wish) => inShort(decideFor([one], { contact: BLACKLISTED, memory }));
        expect(known(flag(true, 50))).toBe('unchanged (later_unsubscription)');
        expect(known(flag(true, null))).toBe('unchanged (opt_in_time_unknown)');
        expect(known(flag(true, 51))).toBe('clear');
      }
    });
  });
});

describe('a known contact', () => {
  it.each<[string, Contact, Wish[], string]>([
    ['nothing mapped is in force', SUBSCRIBED, [], 'unchanged'],
    ['an opt-in', SUBSCRIBED, [flag(true)], 'unchanged'],
    ['an opt-out', SUBSCRIBED, [flag(false)], 'update blacklist'],
    ['a preference in which nothing is chosen', SUBSCRIBED, [flag('')], 'update blacklist'],
    ['a preference', SUBSCRIBED, [flag('weekly')], 'unchanged'],
    ['an opt-out of unknown time', SUBSCRIBED, [flag(false, null)], 'update blacklist'],
    ['an opt-out', BLACKLISTED, [flag(false)], 'unchanged'],
    ['an opt-in', BLACKLISTED, [flag(true)], 'clear'],
    ['a flag that is not in force', BLACKLISTED, [wish('OPT_EMAIL', true)], 'update OPT_EMAIL=true'],
    [
      'a value that differs',
      contact(false, { OPT_EMAIL: true }),
      [wish('OPT_EMAIL', false)],
      'update OPT_EMAIL=false',
    ],
    ['a value that was never set', SUBSCRIBED, [wish('OPT_EMAIL', false)], 'update OPT_EMAIL=false'],
    ['a value that is held', contact(false, { OPT_EMAIL: false }), [wish('OPT_EMAIL', false)], 'unchanged'],
    [
      'some of it held',
      contact(false, { OPT_EMAIL: false, RHYTHM: 'daily' }),
      [wish('OPT_EMAIL', false), wish('RHYTHM', 'weekly')],
      'update RHYTHM="weekly"',
    ],
    [
      'everything at once, in one call',
      contact(false, { OPT_EMAIL: true }),
      [wish('OPT_EMAIL', false), wish('RHYTHM', ''), flag(false)],
      'update OPT_EMAIL=false blacklist',
    ],
    [
      'values beside an opt-in, in one call',
      BLACKLISTED,
      [flag(true), wish('TOPICS', 'sport,culture')],
      'clear TOPICS=["sport","culture"]',
    ],
  ])('%s (%#)', (_, known, wishes, expected) => {
    expect(inShort(decideFor(wishes, { contact: known }))).toBe(expected);
  });

  it('gets again what was chosen anew, because Brevo may have changed since we looked', () => {
    const known = contact(true, { OPT_EMAIL: false, RHYTHM: 'weekly' });
    const wishes = [wish('OPT_EMAIL', false), wish('RHYTHM', 'weekly'), flag(false)];
    const anew = new Set(['OPT_EMAIL', BLACKLIST_FLAG]);
    expect(inShort(decideFor(wishes, { contact: known, anew }))).toBe('update OPT_EMAIL=false blacklist');
  });

  it('on no blacklist is never told to leave it, even for an opt-in that was chosen anew', () => {
    expect(inShort(decideFor([flag(true)], { anew: new Set([BLACKLIST_FLAG]) }))).toBe('unchanged');
  });

  it("is known by Brevo's own spelling of an attribute", () => {
    const targets = [{ ...target('OPT_EMAIL', { kind: 'boolean' }), name: 'Opt_Email' }];
    const { action } = decideFor([wish('OPT_EMAIL', true)], { targets });
    expect(action).toMatchObject({ attributes: [{ id: 'OPT_EMAIL', name: 'Opt_Email' }] });
  });

  it('gets each value marked as withdrawal or not, and as personal or not', () => {
    const country: Wish = { id: 'RHYTHM', path: 'country', inForce: { value: 'FR', asOf: 1 }, value: 'FR' };
    const { action } = decideFor([wish('OPT_EMAIL', false), country]);
    expect(action).toMatchObject({
      attributes: [
        { id: 'OPT_EMAIL', withdrawal: true, personal: false },
        { id: 'RHYTHM', withdrawal: false, personal: true },
      ],
    });
  });
});

describe('a contact on the blacklist', () => {
  const blacklisted = (one: Wish, given: Given = {}) => decideFor([one], { contact: BLACKLISTED, ...given });

  it('is weighed against the time of the opt-in', () => {
    expect(blacklisted(flag(true, 77), { memory: { own: OWN } }).action).toMatchObject({
      kind: 'clear',
      terms: { optInAt: 77, unconditional: false, own: OWN },
    });
  });

  it('that we never put there is weighed against all that Brevo knows', () => {
    expect(blacklisted(flag(true, 77)).action).toMatchObject({ kind: 'clear', terms: { own: [] } });
  });

  it('stays there for an opt-in of unknown time, unless we put it there', () => {
    const unknown = flag(true, null);
    expect(inShort(blacklisted(unknown))).toBe('unchanged (opt_in_time_unknown)');
    expect(inShort(blacklisted(unknown, { memory: BY_OTHERS }))).toBe('unchanged (opt_in_time_unknown)');
    const { action } = blacklisted(unknown, { memory: BY_US });
    expect(action).toMatchObject({ kind: 'clear', terms: { unconditional: false, own: OWN } });
    expect(action).not.toHaveProperty('terms.optInAt');
  });

  it('stays there when this very opt-in was refused already, and leaves for a later one', () => {
    const memory: BlacklistMemory = { ...BY_OTHERS, refusedOptIn: 77 };
    expect(inShort(blacklisted(flag(true, 77), { memory }))).toBe('unchanged (later_unsubscription)');
    expect(inShort(blacklisted(flag(true, 78), { memory }))).toBe('clear');
  });

  it('always leaves with resubscribe "always", on no further terms', () => {
    const rules = { resubscribe: 'always' } as const;
    for (const time of [77, null]) {
      expect(
        blacklisted(flag(true, time), { rules, memory: { ...BY_OTHERS, refusedOptIn: 77 } }).action,
      ).toMatchObject({ kind: 'clear', terms: { unconditional: true } });
    }
  });

  it('never leaves with resubscribe "never"', () => {
    const rules = { resubscribe: 'never' } as const;
    for (const memory of [NO_BLACKLIST_MEMORY, BY_US, BY_OTHERS]) {
      expect(inShort(blacklisted(flag(true), { rules, memory }))).toBe('unchanged (resubscribe_never)');
    }
  });

  it('gets its other values all the same when it has to stay', () => {
    const decision = decideFor([flag(true, null), wish('OPT_EMAIL', true)], { contact: BLACKLISTED });
    expect(inShort(decision)).toBe('update OPT_EMAIL=true (opt_in_time_unknown)');
  });
});

describe('what goes first', () => {
  const value = (withdrawal: boolean): AttributeWrite => ({
    id: 'A',
    name: 'A',
    value: !withdrawal,
    withdrawal,
    personal: false,
  });
  const terms = { unconditional: false, own: [] };

  it('is whatever puts a contact on the blacklist', () => {
    for (const kind of ['create', 'update'] as const) {
      expect(isWithdrawing({ kind, attributes: [], blacklist: true })).toBe(true);
      expect(isWithdrawing({ kind, attributes: [value(false)], blacklist: true })).toBe(true);
    }
  });

  it('is whatever takes a value back, among others and also while the blacklist is cleared', () => {
    const attributes = [value(false), value(true)];
    expect(isWithdrawing({ kind: 'update', attributes, blacklist: false })).toBe(true);
    expect(isWithdrawing({ kind: 'clear', attributes, terms })).toBe(true);
  });

  it('is nothing that only gives', () => {
    for (const attributes of [[], [value(false)]]) {
      expect(isWithdrawing({ kind: 'create', attributes, blacklist: false })).toBe(false);
      expect(isWithdrawing({ kind: 'update', attributes, blacklist: false, ledger: true })).toBe(false);
      expect(isWithdrawing({ kind: 'clear', attributes, terms })).toBe(false);
    }
  });
});

describe('a value that Brevo would drop', () => {
  it('is refused, and all else is written', () => {
    const decision = decideFor([wish('GONE', true), wish('OPT_EMAIL', false), wish('RHYTHM', 'weekly')]);
    expect(inShort(decision)).toBe('update OPT_EMAIL=false RHYTHM="weekly"');
    expect(decision.refused).toEqual([{ id: 'GONE', reason: expect.stringContaining('does not exist') }]);
  });

  it('does not hold back an opt-out', () => {
    const decision = decideFor([wish('GONE', true), wish('OPT_EMAIL', undefined), flag(false)]);
    expect(inShort(decision)).toBe('update blacklist');
    expect(decision.refused.map(({ id }) => id)).toEqual(['GONE', 'OPT_EMAIL']);
  });

  it('is refused in part where part of it fits', () => {
    const decision = decideFor([wish('TOPICS', 'sport,chess')]);
    expect(inShort(decision)).toBe('update TOPICS=["sport"]');
    expect(decision.refused).toEqual([{ id: 'TOPICS', reason: expect.stringContaining('"chess"') }]);
  });

  it('because its "write" does not list it is not written in any form, and that is said', () => {
    const decision = decideFor([wish('RHYTHM', undefined), wish('OPT_EMAIL', undefined)]);
    const reason = 'its `write` does not list the value that Didomi holds: add it to the mapping';
    expect(decision).toEqual({
      action: { kind: 'none', outcome: 'unchanged' },
      refused: [
        { id: 'RHYTHM', reason },
        { id: 'OPT_EMAIL', reason },
      ],
    });
  });

  it('on the blacklist flag is refused, and leaves the blacklist as it is', () => {
    for (const known of [SUBSCRIBED, BLACKLISTED]) {
      const decision = decideFor([flag(undefined)], { contact: known });
      expect(inShort(decision)).toBe('unchanged');
      expect(decision.refused).toEqual([{ id: BLACKLIST_FLAG, reason: expect.stringContaining('write') }]);
    }
  });

  it('of an attribute that nobody looked up counts as missing in Brevo', () => {
    expect(decideFor([wish('NEVER_SEEN', true)]).refused).toMatchObject([{ id: 'NEVER_SEEN' }]);
  });
});

describe('a contact that keeps a ledger', () => {
  const ledger = (need: Partial<LedgerNeed> = {}, type: AttributeType = { kind: 'text' }): LedgerNeed => ({
    target: target('LEDGER', type),
    due: true,
    notKept: false,
    ...need,
  });
  const OPT_IN = [wish('OPT_EMAIL', true)];
  const HOLDS_IT = contact(false, { OPT_EMAIL: true });

  it('gets it along with every write, also where it tells all', () => {
    for (const due of [true, false]) {
      const given = { ledger: ledger({ due }) };
      expect(decideFor(OPT_IN, given).action).toMatchObject({ kind: 'update', ledger: true });
      expect(decideFor(OPT_IN, { ...given, contact: null }).action).toMatchObject({
        kind: 'create',
        attributes: [{ id: 'OPT_EMAIL', value: true }],
        ledger: true,
      });
      expect(decideFor([flag(true)], { ...given, contact: BLACKLISTED }).action).toMatchObject({
        kind: 'clear',
        ledger: true,
      });
    }
  });

  it('that holds all values gets the ledger alone, where it lacks a choice', () => {
    expect(decideFor(OPT_IN, { contact: HOLDS_IT, ledger: ledger() }).action).toEqual({
      kind: 'update',
      attributes: [],
      blacklist: false,
      ledger: true,
    });
    expect(decideFor(OPT_IN, { contact: HOLDS_IT, ledger: ledger({ due: false }) })).toEqual({
      action: { kind: 'none', outcome: 'unchanged' },
      refused: [],
    });
  });

  it('and stays on the blacklist gets the ledger all the same, and is shown as guarded', () => {
    const decision = decideFor([flag(true, null)], { contact: BLACKLISTED, ledger: ledger() });
    expect(decision).toMatchObject({
      action: { kind: 'update', ledger: true },
      guarded: 'opt_in_time_unknown',
    });
  });

  it('is not created for it', () => {
    const given = { contact: null, ledger: ledger(), rules: { upsertMode: false } };
    expect(decideFor(OPT_IN, given).action).toEqual({ kind: 'none', outcome: 'skipped' });
  });

  it('is written without it, and that is shown, where Brevo cannot keep it', () => {
    const cases: [LedgerNeed, string][] = [
      [ledger({}, { kind: 'missing' }), 'does not exist in Brevo: create it there as a text attribute'],
      [ledger({}, { kind: 'number' }), 'keeps the ledger, and must be a text attribute in Brevo'],
      [ledger({ notKept: true }), 'keeps the ledger, and Brevo does not hold what was written to it'],
    ];
    for (const [need, reason] of cases) {
      const decision = decideFor([...OPT_IN, wish('GONE', true)], { ledger: need });
      expect(inShort(decision)).toBe('update OPT_EMAIL=true');
      expect(decision.action).not.toHaveProperty('ledger');
      expect(decision.refused).toEqual([
        { id: 'GONE', reason: expect.any(String) },
        { id: 'LEDGER', reason },
      ]);
      expect(decideFor(OPT_IN, { contact: HOLDS_IT, ledger: need }).action.kind).toBe('none');
      expect(decideFor(OPT_IN, { ledger: { ...need, due: false } }).refused).toEqual([]);
    }
  });

  it('has nothing said of a ledger where its integration keeps none', () => {
    expect(decideFor(OPT_IN).action).not.toHaveProperty('ledger');
  });
});

describe('whatever the situation', () => {
  const anyTime = fc.oneof(fc.integer({ min: 48, max: 52 }), fc.constant(null));
  const anyWish = (id: string, ...values: (ConsentValue | undefined)[]) =>
    fc.tuple(fc.constantFrom(...values), anyTime).map(([value, time]) => wish(id, value, time));
  const anyWishes = fc
    .tuple(
      fc.option(anyWish(BLACKLIST_FLAG, true, false, '', 'weekly', undefined), { nil: undefined }),
      fc.option(anyWish('OPT_EMAIL', true, false, 'maybe', undefined), { nil: undefined }),
      fc.option(anyWish('TOPICS', 'sport', 'sport,chess', '', 'chess'), { nil: undefined }),
      fc.option(anyWish('RHYTHM', 'weekly', '', false), { nil: undefined }),
      fc.option(anyWish('GONE', true, false), { nil: undefined }),
    )
    .map((all) => all.flatMap((one) => one ?? []));
  const anyContact = fc.oneof(
    fc.constant(null),
    fc.record({
      id: fc.constant(7),
      emailBlacklisted: fc.boolean(),
      attributes: fc.record(
        {
          OPT_EMAIL: fc.boolean(),
          TOPICS: fc.constantFrom(['sport'], [], ['culture', 'sport']),
          RHYTHM: fc.constantFrom('weekly', 'daily', ''),
        },
        { requiredKeys: [] },
      ),
    }),
  );
  const anyMemory: fc.Arbitrary<BlacklistMemory> = fc.record(
    {
      own: fc.constantFrom([], OWN),
      on: fc.constantFrom(
        { since: 50, byUs: true },
        { since: 50, byUs: false },
        { since: 50, byUs: true, carried: true as const },
        { since: 50, byUs: false, carried: true as const },
      ),
      refusedOptIn: fc.constant(51),
    },
    { requiredKeys: ['own'] },
  ) as fc.Arbitrary<BlacklistMemory>;
  const anySituation: fc.Arbitrary<Situation> = fc.record({
    wishes: anyWishes,
    contact: anyContact,
    targets: fc.constant(TARGETS),
    memory: anyMemory,
    anew: fc.subarray([BLACKLIST_FLAG, 'OPT_EMAIL', 'TOPICS', 'RHYTHM', 'GONE']).map((ids) => new Set(ids)),
    rules: fc.record({
      upsertMode: fc.boolean(),
      identifier: fc.constantFrom('auto', 'contact_id'),
      resubscribe: fc.constantFrom(...RESUBSCRIBE_OPTIONS),
    }),
  });
  const inAnySituation = (check: (situation: Situation, decision: Decision) => void) =>
    checkProperty(
      fc.property(anySituation, (situation) => check(situation, decide(situation))),
      1_000,
    );
  const flagOf = ({ wishes }: Situation) => wishes.find(({ id }) => id === BLACKLIST_FLAG);

  /** Brevo and what we know of it, once the action is carried out. */
  function resultOf(situation: Situation, { action }: Decision): Situation {
    if (action.kind === 'none') return situation;
    const { contact: before, memory } = situation;
    const wasOn = before?.emailBlacklisted ?? false;
    const isOn = action.kind === 'clear' ? false : action.blacklist || wasOn;
    const written = Object.fromEntries(action.attributes.map(({ id, value }) => [id, value]));
    const carried = action.kind === 'create' && memory.on ? { carried: true as const } : {};
    return {
      ...situation,
      anew: new Set(),
      contact: { id: 7, emailBlacklisted: isOn, attributes: { ...before?.attributes, ...written } },
      memory: isOn
        ? { ...memory, on: { since: 50, byUs: !wasOn, ...memory.on, ...carried } }
        : { own: memory.own },
    };
  }

  it('an opt-out in force never leaves a known contact off the blacklist', () => {
    inAnySituation((situation, { action }) => {
      const value = flagOf(situation)?.value;
      if (value === undefined || !isOptOut(value) || !situation.contact) return;
      if (!situation.contact.emailBlacklisted)
        expect(action).toMatchObject({ kind: 'update', blacklist: true });
      expect(action.kind).not.toBe('clear');
    });
  });

  it('an opt-out in force never creates a contact off the blacklist', () => {
    inAnySituation((situation, { action }) => {
      const value = flagOf(situation)?.value;
      if (action.kind === 'create' && value !== undefined && isOptOut(value))
        expect(action.blacklist).toBe(true);
    });
  });

  it('the blacklist is cleared only for a contact that is on it now, for an opt-in in force', () => {
    inAnySituation((situation, { action }) => {
      if (action.kind !== 'clear') return;
      const { contact: known, memory, rules } = situation;
      const optIn = flagOf(situation);
      expect(known?.emailBlacklisted).toBe(true);
      expect(optIn?.value === undefined || isOptOut(optIn.value)).toBe(false);
      expect(rules.resubscribe).not.toBe('never');
      if (rules.resubscribe === 'always') return;
      expect(action.terms).toMatchObject({ unconditional: false, own: memory.own });
      expect(action.terms.optInAt).toBe(optIn?.inForce.time);
      if (action.terms.optInAt === undefined) expect(memory.on?.byUs).toBe(true);
    });
  });

  it('an opt-in in force puts no known contact on the blacklist', () => {
    inAnySituation((situation, { action }) => {
      const value = flagOf(situation)?.value;
      if (value === undefined || isOptOut(value) || action.kind !== 'update') return;
      expect(action.blacklist).toBe(false);
    });
  });

  it('deciding again on the result finds nothing to do, and guards what was guarded', () => {
    inAnySituation((situation, decision) => {
      const again = decide(resultOf(situation, decision));
      if (decision.action.kind === 'none') return;
      expect(again.action).toEqual({ kind: 'none', outcome: 'unchanged' });
      expect(again.refused).toEqual(decision.refused);
      expect(again.guarded).toBe(decision.guarded);
    });
  });

  it('an unchanged value is written only when it was chosen anew', () => {
    inAnySituation(({ contact: known, anew }, { action }) => {
      if (action.kind !== 'update' || !known) return;
      for (const { id, value } of action.attributes) {
        if (!anew.has(id)) expect(known.attributes[id]).not.toEqual(value);
      }
    });
  });

  it('what becomes of one value does not depend on the others', () => {
    inAnySituation((situation, decision) => {
      if (!situation.contact) return;
      for (const one of situation.wishes) {
        const alone = decide({ ...situation, wishes: [one] });
        const refusals = ({ refused }: Decision) => refused.filter(({ id }) => id === one.id);
        expect(refusals(decision)).toEqual(refusals(alone));
        const writes = ({ action }: Decision) =>
          action.kind === 'none' ? [] : action.attributes.filter(({ id }) => id === one.id);
        expect(writes(decision)).toEqual(writes(alone));
      }
    });
  });

  it('what is guarded is shown with a contact that stays on the blacklist', () => {
    inAnySituation((situation, decision) => {
      if (!decision.guarded) return;
      expect(resultOf(situation, decision).contact?.emailBlacklisted).toBe(true);
    });
  });
});
