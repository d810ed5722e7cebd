import { type ConsentState, mergeStates } from '../consent/consent-state';
import { type BlacklistMemory, type Contact, NO_BLACKLIST_MEMORY, type Target } from '../consent/contact';
import { foundOnBlacklist, ledgerOf } from '../consent/contact-ledger';
import {
  type Action,
  type Decision,
  decide,
  type GuardReason,
  isWithdrawing,
  type LedgerNeed,
} from '../consent/decide';
import { hasNews, type Ledger } from '../consent/ledger';
import { onlyWithdrawals } from '../consent/only-withdrawals';
import type { Refusal } from '../consent/outcome';
import { BLACKLIST_FLAG, type Rules } from '../consent/rules';
import type { Seconds } from '../consent/statement';
import { isWithdrawal, type Wish, wishesOf } from '../consent/wish';
import { CALLS_FOR_UNKNOWN, callsFor } from './calls';
import type { MergedContact } from './merged-contact';

/**
 * What has to be done for a contact. `unknown`: whether Brevo has it is not known, so that its workflow has to look.
 * Only `create`, `update` and `unknown` are submitted.
 */
export const VERDICTS = [
  'create',
  'update',
  'unknown',
  'unchanged',
  'skipped',
  'guarded',
  'rejected',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Comparison {
  readonly verdict: Verdict;
  /** Mapping ids, and the ledger attribute, that Brevo holds otherwise. */
  readonly changes: readonly string[];
  /** When the person opted in for whom the contact goes off the blacklist, where that is known. */
  readonly clearsSince?: Seconds;
  /** The contact goes on the e-mail blacklist, or off it unless Brevo knows something against that. */
  readonly blacklist?: 'on' | 'off';
  /** Takes something back: goes first. */
  readonly withdraws: boolean;
  /** Why an opt-in, or a part of what differs, is not applied. */
  readonly guarded?: GuardReason | 'source_too_old';
  /** Values that Brevo would not take. */
  readonly refused: readonly Refusal[];
  /** To be submitted; empty where there is nothing to do. */
  readonly state: ConsentState;
  /** Calls to Brevo that carrying it out takes at most. */
  readonly calls: number;
}

export interface ComparedBy {
  readonly rules: Rules;
  readonly targets: readonly Target[];
  /** ms */
  readonly now: number;
  /** The time of an opt-in for which Brevo was found to know a later unsubscription. */
  readonly refusedOptIn?: Seconds;
}

/**
 * What a source says of a contact against what Brevo holds of it: the same decision as the contact's workflow comes
 * to, where nothing but this and the contact's ledger is known to it. A dry run compares the same.
 *
 * A source that is older than the workflows remember only withdraws, because what the person said since then is known
 * to nobody here. It creates no contact either: one that Brevo does not have gets no mail that a withdrawal could
 * stop, and may have been erased on purpose since.
 *
 * @param contact null: Brevo has none; undefined: not known
 */
export function compareContact(
  merged: MergedContact,
  contact: Contact | null | undefined,
  by: ComparedBy,
): Comparison {
  if (merged.state.length === 0) return nothing('unchanged');
  const ledger = ledgerOf(contact ?? null, by.rules, merged.state, by.now);
  const known = mergeStates(merged.state, ledger.state);
  if (!isOld(merged, by)) {
    if (contact === undefined) return unknown(merged.state, by);
    const decision = decideBy(known, known, { contact, ledger, by });
    return comparisonOf(decision, merged.state, by);
  }
  const { state, withheld } = onlyWithdrawals(
    { source: merged.state, ledger: ledger.state, known },
    by.rules.mappings,
  );
  if (contact === undefined) return withWithheld(unknown(state, by), withheld.length > 0);
  const held = wishesOf(known, by.rules.mappings).filter(({ path }) => withheld.includes(path));
  const isMissed = wouldChange(held, { contact, ledger, by });
  if (contact === null) return withWithheld(nothing('skipped'), isMissed);
  const decision = decideBy(state, mergeStates(state, ledger.state), { contact, ledger, by });
  return withWithheld(comparisonOf(decision, state, by), isMissed);
}

function isOld({ heldUpTo }: MergedContact, { rules, now }: ComparedBy): boolean {
  return heldUpTo < now - rules.rememberMs;
}

interface Found {
  readonly contact: Contact | null;
  readonly ledger: Ledger;
  readonly by: ComparedBy;
}

/** @param wanted what Brevo shall follow @param noted what the ledger shall tell */
function decideBy(wanted: ConsentState, noted: ConsentState, found: Found): Decision {
  const need = ledgerNeed(noted, found);
  return decideWishes(wishesOf(wanted, found.by.rules.mappings), found, need);
}

function decideWishes(
  wishes: readonly Wish[],
  { contact, ledger, by }: Found,
  need: LedgerNeed | undefined,
): Decision {
  const { rules, targets, now } = by;
  const { refusedOptIn } = by;
  const memory = {
    ...memoryOf(contact, ledger, now),
    ...(refusedOptIn !== undefined && { refusedOptIn }),
  };
  return decide({ wishes, contact, targets, rules, memory, anew: NOTHING, ...(need && { ledger: need }) });
}

const NOTHING: ReadonlySet<string> = new Set();

/** Our own blacklisting may be lifted by an opt-in of unknown time, so that it has to be known here too. */
function memoryOf(contact: Contact | null, { own }: Ledger, now: number): BlacklistMemory {
  return contact?.emailBlacklisted && own ? foundOnBlacklist([], own, now) : NO_BLACKLIST_MEMORY;
}

/** A choice that the ledger lacks is a reason to write, as it is for the workflow. */
function ledgerNeed(noted: ConsentState, { ledger, by }: Found): LedgerNeed | undefined {
  const target = by.targets.find(({ id }) => id === by.rules.ledgerAttribute);
  return target && { target, due: hasNews(noted, ledger.state), notKept: false };
}

function wouldChange(wishes: readonly Wish[], found: Found): boolean {
  const { action, guarded } = decideWishes(wishes, found, undefined);
  return action.kind !== 'none' || guarded !== undefined;
}

function comparisonOf(
  { action, guarded, refused }: Decision,
  state: ConsentState,
  by: ComparedBy,
): Comparison {
  const guard = guarded && { guarded };
  if (action.kind !== 'none') {
    const blacklist = blacklistOf(action);
    return {
      verdict: action.kind === 'create' ? 'create' : 'update',
      changes: changesOf(action, by.rules),
      ...(blacklist && { blacklist }),
      ...(action.kind === 'clear' &&
        action.terms.optInAt !== undefined && { clearsSince: action.terms.optInAt }),
      withdraws: isWithdrawing(action),
      ...guard,
      refused,
      state,
      calls: callsFor(action, by.now),
    };
  }
  // What Brevo would not take is told in the run's report: submitted, it would keep a workflow open for nothing.
  const verdict = refused.length > 0 ? 'rejected' : guarded ? 'guarded' : action.outcome;
  return { ...nothing(verdict), ...guard, refused };
}

type Doing = Exclude<Action, { kind: 'none' }>;

function blacklistOf(action: Doing): 'on' | 'off' | undefined {
  if (action.kind === 'clear') return 'off';
  return action.blacklist ? 'on' : undefined;
}

function changesOf(action: Doing, { ledgerAttribute }: Rules): string[] {
  return [
    ...action.attributes.map(({ id }) => id),
    ...(blacklistOf(action) ? [BLACKLIST_FLAG] : []),
    ...(action.ledger && ledgerAttribute ? [ledgerAttribute] : []),
  ];
}

function unknown(state: ConsentState, { rules }: ComparedBy): Comparison {
  const wishes = wishesOf(state, rules.mappings);
  if (wishes.length === 0) return nothing('unchanged');
  return {
    ...nothing('unknown'),
    withdraws: wishes.some(isWithdrawal),
    state,
    calls: CALLS_FOR_UNKNOWN,
  };
}

function nothing(verdict: Verdict): Comparison {
  return { verdict, changes: [], withdraws: false, refused: [], state: [], calls: 0 };
}

/** @param isMissed something would have been done, had the source been younger */
function withWithheld(comparison: Comparison, isMissed: boolean): Comparison {
  if (!isMissed) return comparison;
  const isIdle = comparison.verdict === 'unchanged' || comparison.verdict === 'skipped';
  return { ...comparison, ...(isIdle && { verdict: 'guarded' as const }), guarded: 'source_too_old' };
}
