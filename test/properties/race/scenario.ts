import fc from 'fast-check';
import type { ResubscribeOption } from '../../../consent/rules';
import type { SimulatorSwitches } from '../../../simulator/switches';

/** When all scenarios begin: ms since 1970, in the middle of a second. */
export const START = Date.parse('2026-06-01T12:00:00.400Z');
export const START_S = Math.floor(START / 1000);
const DAY_S = 86_400;

/** What somebody else does to the contact in Brevo. */
export type InBrevo =
  | { readonly by: 'user' | 'admin' | 'complaint' }
  | {
      readonly otherSystem: { readonly emailBlacklisted?: boolean; readonly attributes?: { NEWS: boolean } };
    };

/** What Didomi says of the one purpose. Times in s since 1970. */
export type Said =
  | { readonly value: boolean; readonly at: number; readonly known: number }
  | { readonly value: boolean; readonly asOf: number };

/** What happens to one call: it may get lost, before or after Brevo carried it out, or its worker may die. */
export type Fault =
  | 'none'
  | 'lostBefore'
  | 'lostAfter'
  | '503'
  | '403'
  | 'diesBefore'
  | 'diesAfter'
  /** Its worker sleeps so long that Temporal gives the attempt up, and then goes on. */
  | { readonly sleepsMs: number }
  /** Brevo carries the write out so much later than its client gave up. */
  | { readonly lateMs: number };

/** As it is written in a scenario: a choice may also be dated so many seconds before it arrives. */
export type Message = Said | { readonly value: boolean; readonly secondsAgo: number };

/** A resync reads the contact in Brevo, and submits it later with what Didomi says. */
export interface Resync {
  readonly says: Message;
  /** So many steps after it was read. */
  readonly submittedAfter: number;
  /** The list that is read page by page does not show the contact. */
  readonly missed: boolean;
  /** ms by which the clock of whoever reads is ahead. */
  readonly clockAhead: number;
}

export interface Happening {
  /** The number of the step before which it happens. */
  readonly step: number;
  readonly what: InBrevo | { readonly didomi: Message } | { readonly resync: Resync };
}

/** One course of things. */
export interface Scenario {
  readonly contact: null | {
    readonly emailBlacklisted: boolean;
    /** Unsubscribed in a campaign so many seconds before the start. */
    readonly unsubscribedBefore?: number;
  };
  readonly flagMapped: boolean;
  readonly resubscribe: ResubscribeOption;
  readonly trace: SimulatorSwitches['apiBlacklisting'];
  /** ms that pass at each step, in turn. */
  readonly pace: readonly number[];
  readonly happenings: readonly Happening[];
  /** Of the calls, in the order in which they are made; the others meet none. */
  readonly faults: readonly Fault[];
  /** Whether a worker hears of a cancellation before its attempt has ended. */
  readonly cancellationArrives: boolean;
  /** Whether the workflow goes on as a new run wherever it may. */
  readonly newRuns: boolean;
  /** Whether the integration keeps a ledger; absent = it does not. */
  readonly ledger?: boolean;
}

/** Seconds about the time of the scenario, and now and then long ago. */
const anySecond = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -10, max: 40 }) },
  fc.constantFrom(-100 * DAY_S, -99 * DAY_S),
);

const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ value: fc.boolean(), secondsAgo: fc.constantFrom(0, 0, 1, 2, 3, 5, 8, -1) }),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.boolean(), anySecond, fc.constantFrom(0, 0, 0, 8))
      .map(([value, second, later]) => ({ value, at: START_S + second, known: START_S + second + later })),
  },
  fc.tuple(fc.boolean(), anySecond).map(([value, second]) => ({ value, asOf: START_S + second })),
);

const anyActInBrevo: fc.Arbitrary<InBrevo> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ by: 'user' } as const) },
  { weight: 2, arbitrary: fc.constantFrom({ by: 'complaint' } as const, { by: 'admin' } as const) },
  fc.constantFrom(
    { otherSystem: { emailBlacklisted: true } },
    { otherSystem: { emailBlacklisted: false } },
    { otherSystem: { attributes: { NEWS: true } } },
    { otherSystem: { attributes: { NEWS: false } } },
  ),
);

const anyHappening: fc.Arbitrary<Happening> = fc.record({
  step: fc.integer({ min: 0, max: 18 }),
  what: fc.oneof(
    anyActInBrevo,
    anyMessage.map((didomi) => ({ didomi })),
  ),
});

const anyResync: fc.Arbitrary<Happening> = fc.record({
  step: fc.integer({ min: 0, max: 14 }),
  what: fc.record({
    resync: fc.record({
      says: anyMessage,
      submittedAfter: fc.integer({ min: 0, max: 8 }),
      missed: fc.integer({ min: 0, max: 7 }).map((one) => one === 0),
      clockAhead: fc.constantFrom(0, 0, 1_500),
    }),
  }),
});

const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 9, arbitrary: fc.constant('none' as const) },
  { weight: 3, arbitrary: fc.constantFrom<Fault>('lostAfter', 'lostBefore', 'diesAfter', 'diesBefore') },
  fc.constantFrom<Fault>('503', '403', { sleepsMs: 20_000 }, { lateMs: 4_000 }, { lateMs: 18_000 }),
);

/** Scenarios that begin with something that Didomi says. */
export const anyScenario = scenarios(
  fc.tuple(
    anyMessage.map((didomi) => ({ step: 0, what: { didomi } })),
    fc.array(anyHappening, { maxLength: 7 }),
  ),
);

/** Scenarios in which one resync or two take part. */
export const anyScenarioWithResync = scenarios(
  fc.tuple(
    fc.oneof(
      anyResync.map((one) => ({ ...one, step: 0 })),
      anyMessage.map((didomi) => ({ step: 0, what: { didomi } })),
    ),
    fc
      .tuple(fc.array(anyResync, { minLength: 1, maxLength: 2 }), fc.array(anyHappening, { maxLength: 6 }))
      .map(([resyncs, others]) => [...resyncs, ...others]),
  ),
);

/** @param anyHappenings the first of all, and the rest in any order */
function scenarios(anyHappenings: fc.Arbitrary<[Happening, Happening[]]>): fc.Arbitrary<Scenario> {
  return fc.record({
    contact: fc.oneof(
      { weight: 1, arbitrary: fc.constant(null) },
      {
        weight: 6,
        arbitrary: fc.record(
          {
            emailBlacklisted: fc.boolean(),
            unsubscribedBefore: fc.constantFrom(1, 5, 60, 99 * DAY_S),
          },
          { requiredKeys: ['emailBlacklisted'] },
        ),
      },
    ),
    flagMapped: fc.integer({ min: 0, max: 11 }).map((one) => one > 0),
    resubscribe: fc.constantFrom('newer', 'newer', 'newer', 'newer', 'newer', 'newer', 'always', 'never'),
    trace: fc.constantFrom('leaves_admin_unsubscription', 'leaves_no_trace'),
    pace: fc.array(fc.constantFrom(1, 120, 600, 1_000, 2_500), { minLength: 1, maxLength: 4 }),
    happenings: anyHappenings.map(([first, rest]) => [first, ...rest.toSorted((a, b) => a.step - b.step)]),
    faults: fc.array(anyFault, { maxLength: 8 }),
    cancellationArrives: fc.boolean(),
    newRuns: fc.boolean(),
    ledger: fc.boolean(),
  });
}
