import { type BrevoValue, convert, holds } from './attribute';
import type { BlacklistMemory, Contact, OwnBlacklisting, Target } from './contact';
import { dateOf } from './in-force';
import type { Outcome, Refusal } from './outcome';
import { BLACKLIST_FLAG, type Rules } from './rules';
import type { Seconds } from './statement';
import { isPersonalPath, isSubscribed, isWithdrawal, type Wish } from './wish';

/** A value to be written to an attribute. */
export interface AttributeWrite {
  /** Mapping id. */
  readonly id: string;
  /** As Brevo spells it. */
  readonly name: string;
  readonly value: BrevoValue;
  readonly withdrawal: boolean;
  /** May hold personal data: not to be shown. */
  readonly personal: boolean;
}

/** On which terms a contact may be taken off the blacklist; checked in the same attempt that writes. */
export interface ClearingTerms {
  /** When the person opted in; absent = unknown. */
  readonly optInAt?: Seconds;
  /** Unsubscriptions are not asked for: `resubscribe` is `always`. */
  readonly unconditional: boolean;
  /** Our own blacklistings, which are no reason to refuse. */
  readonly own: readonly OwnBlacklisting[];
}

/** Why a contact stays on the blacklist although an opt-in is in force. */
export type GuardReason = 'later_unsubscription' | 'opt_in_time_unknown' | 'resubscribe_never';

export interface NoAction {
  readonly kind: 'none';
  readonly outcome: Extract<Outcome, 'unchanged' | 'skipped'>;
}

/** Writes values and, with `blacklist`, puts the contact on the blacklist in the same call. */
export interface WriteAction {
  readonly kind: 'create' | 'update';
  readonly attributes: readonly AttributeWrite[];
  readonly blacklist: boolean;
  /** The ledger is written along. */
  readonly ledger?: boolean;
}

/** Writes values and takes the contact off the blacklist, if the terms allow it. */
export interface ClearAction {
  readonly kind: 'clear';
  readonly attributes: readonly AttributeWrite[];
  readonly terms: ClearingTerms;
  /** The ledger is written along. */
  readonly ledger?: boolean;
}

export type Action = NoAction | WriteAction | ClearAction;

export interface Decision {
  readonly action: Action;
  /** The blacklist is kept against an opt-in, for this reason. */
  readonly guarded?: GuardReason;
  /** Values that are not sent, because Brevo would drop them without a word. */
  readonly refused: readonly Refusal[];
}

export interface LedgerNeed {
  /** The attribute that keeps it. */
  readonly target: Target;
  /** Something was chosen that the ledger does not tell yet. */
  readonly due: boolean;
  /** Brevo was told the same before, and does not keep it. */
  readonly notKept: boolean;
}

export interface Situation {
  readonly wishes: readonly Wish[];
  /** null: Brevo has no such contact. */
  readonly contact: Contact | null;
  readonly targets: readonly Target[];
  readonly memory: BlacklistMemory;
  /** Mapping ids to be written even where Brevo seemed to hold the value: chosen anew since we last looked. */
  readonly anew: ReadonlySet<string>;
  /** Where the integration keeps a ledger. */
  readonly ledger?: LedgerNeed;
  readonly rules: Pick<Rules, 'upsertMode' | 'identifier' | 'resubscribe'>;
}

/**
 * What has to be done so that Brevo follows the person's choices: nothing that Brevo already holds is
 * written, an opt-out always reaches the blacklist, and the blacklist is never lifted on a guess.
 */
export function decide(situation: Situation): Decision {
  const decision = decideValues(situation);
  return situation.ledger ? withLedger(decision, situation.ledger) : decision;
}

/** Whether an action takes something back: it goes first. */
export function isWithdrawing(action: WriteAction | ClearAction): boolean {
  const blacklists = action.kind !== 'clear' && action.blacklist;
  return blacklists || action.attributes.some(({ withdrawal }) => withdrawal);
}

/** The ledger goes along with every write, and is a reason to write where it lacks a choice. */
function withLedger(decision: Decision, { target, due, notKept }: LedgerNeed): Decision {
  const { action, refused } = decision;
  // There is no contact whose ledger could be missing.
  if (action.kind === 'none' && action.outcome === 'skipped') return decision;
  const why = ledgerRefusal(target, notKept);
  if (why) return due ? { ...decision, refused: [...refused, { id: target.id, reason: why }] } : decision;
  if (action.kind !== 'none') return { ...decision, action: { ...action, ledger: true } };
  if (!due) return decision;
  return { ...decision, action: { kind: 'update', attributes: [], blacklist: false, ledger: true } };
}

function ledgerRefusal({ type }: Target, notKept: boolean): string | undefined {
  if (type.kind === 'missing') return 'does not exist in Brevo: create it there as a text attribute';
  if (type.kind !== 'text') return 'keeps the ledger, and must be a text attribute in Brevo';
  return notKept ? 'keeps the ledger, and Brevo does not hold what was written to it' : undefined;
}

function decideValues(situation: Situation): Decision {
  const { anew, contact, rules, targets, wishes } = situation;
  const { writes, refused } = attributeWrites(situation);
  const flag = wishes.find(({ id }) => id === BLACKLIST_FLAG);
  if (flag && flag.value === undefined) refused.push(notListed(flag));

  if (!contact) {
    // Brevo gives the contact ids: a contact with an id of our choosing cannot be created. Nothing is refused
    // either: there is no contact that a value could be missing from.
    if (!rules.upsertMode || rules.identifier === 'contact_id') return none('skipped', []);
    return decideCreate(situation, flag, writes, refused);
  }
  const changed = writes.filter(
    ({ id, value }) => anew.has(id) || !holds(contact.attributes[id], value, targetOf(id, targets).type),
  );
  return decideUpdate(situation, contact, flag, changed, refused);
}

function decideCreate(
  { memory, rules }: Situation,
  flag: Wish | undefined,
  attributes: readonly AttributeWrite[],
  refused: readonly Refusal[],
): Decision {
  const subscribed = subscribedBy(flag);
  if (attributes.length === 0 && subscribed === undefined) return none('skipped', refused);
  if (subscribed === false) return act({ kind: 'create', attributes, blacklist: true }, refused);
  // A contact that Brevo lost had a blacklist state; being created again must not lift it.
  const optIn = subscribed ? flag : undefined;
  const kept = memory.on !== undefined && !(optIn && overcomes(optIn, memory.on.since, rules));
  const guarded = kept && optIn ? guardReasonFor(optIn, rules) : undefined;
  return act({ kind: 'create', attributes, blacklist: kept }, refused, guarded);
}

function decideUpdate(
  { anew, memory, rules }: Situation,
  contact: Contact,
  flag: Wish | undefined,
  attributes: readonly AttributeWrite[],
  refused: readonly Refusal[],
): Decision {
  const subscribed = subscribedBy(flag);
  if (subscribed === false && (!contact.emailBlacklisted || anew.has(BLACKLIST_FLAG))) {
    return act({ kind: 'update', attributes, blacklist: true }, refused);
  }
  // A clearing whose end is unknown may have lifted what came meanwhile: it is done again, with its looks.
  if (subscribed === true && flag && (contact.emailBlacklisted || memory.clearingBegun)) {
    const reason = refusalToClear(flag, memory, rules);
    if (!reason) {
      const terms = clearingTerms(flag, memory, rules);
      return act({ kind: 'clear', attributes, terms }, refused);
    }
    return withoutFlag(attributes, refused, reason);
  }
  return withoutFlag(attributes, refused);
}

function withoutFlag(
  attributes: readonly AttributeWrite[],
  refused: readonly Refusal[],
  guarded?: GuardReason,
): Decision {
  if (attributes.length === 0) return none('unchanged', refused, guarded);
  return act({ kind: 'update', attributes, blacklist: false }, refused, guarded);
}

/** What stands against even asking Brevo whether the blacklist may be cleared. */
function refusalToClear(
  flag: Wish,
  memory: BlacklistMemory,
  rules: Situation['rules'],
): GuardReason | undefined {
  if (rules.resubscribe === 'never') return 'resubscribe_never';
  if (rules.resubscribe === 'always') return undefined;
  if (memory.on?.carried && !overcomes(flag, memory.on.since, rules)) return guardReasonFor(flag, rules);
  const { time } = flag.inForce;
  if (time === undefined) return memory.on?.byUs ? undefined : 'opt_in_time_unknown';
  return time === memory.refusedOptIn ? 'later_unsubscription' : undefined;
}

function clearingTerms(flag: Wish, memory: BlacklistMemory, rules: Situation['rules']): ClearingTerms {
  const { time } = flag.inForce;
  return {
    ...(time !== undefined && { optInAt: time }),
    unconditional: rules.resubscribe === 'always',
    own: memory.own,
  };
}

/** An opt-in is later than what put the contact on the blacklist. */
function overcomes(flag: Wish, blacklistedSince: Seconds, { resubscribe }: Situation['rules']): boolean {
  if (resubscribe === 'never') return false;
  if (resubscribe === 'always') return true;
  return flag.inForce.time !== undefined && dateOf(flag.inForce) > blacklistedSince;
}

function guardReasonFor(flag: Wish, { resubscribe }: Situation['rules']): GuardReason {
  if (resubscribe === 'never') return 'resubscribe_never';
  return flag.inForce.time === undefined ? 'opt_in_time_unknown' : 'later_unsubscription';
}

function subscribedBy(flag: Wish | undefined): boolean | undefined {
  return flag?.value === undefined ? undefined : isSubscribed(flag.value);
}

/** What would have to be written if Brevo held nothing. */
function attributeWrites({ wishes, targets }: Situation): { writes: AttributeWrite[]; refused: Refusal[] } {
  const writes: AttributeWrite[] = [];
  const refused: Refusal[] = [];
  for (const wish of wishes) {
    const { id, value } = wish;
    if (id === BLACKLIST_FLAG) continue;
    const { name, type } = targetOf(id, targets);
    if (value === undefined) {
      refused.push(notListed(wish));
      continue;
    }
    const converted = convert(value, type);
    if (converted.refused !== undefined) refused.push({ id, reason: converted.refused });
    if ('write' in converted) {
      writes.push({
        id,
        name,
        value: converted.write,
        withdrawal: isWithdrawal(wish),
        personal: isPersonalPath(wish.path),
      });
    }
  }
  return { writes, refused };
}

function targetOf(id: string, targets: readonly Target[]): Target {
  return targets.find((target) => target.id === id) ?? { id, name: id, type: { kind: 'missing' } };
}

function notListed({ id }: Wish): Refusal {
  return { id, reason: 'its `write` does not list the value that Didomi holds: add it to the mapping' };
}

function none(
  outcome: 'unchanged' | 'skipped',
  refused: readonly Refusal[],
  guarded?: GuardReason,
): Decision {
  return act({ kind: 'none', outcome }, refused, guarded);
}

function act(action: Action, refused: readonly Refusal[], guarded?: GuardReason): Decision {
  return { action, refused, ...(guarded && { guarded }) };
}
