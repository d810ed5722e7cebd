import { type ConsentState, inForce } from './consent-state';
import { type InForce, inForceForUser } from './in-force';
import { EMPTY_REGISTER, type Register, standingChoices } from './register';
import { BLACKLIST_FLAG, type Mapping } from './rules';
import { type ConsentValue, isOptOut, type Subject } from './statement';
import { isSubscribed, isWithdrawal, type Wish, wishesOf } from './wish';

/** What may be said by a source that is too old to be trusted with an opt-in. */
export interface OnlyWithdrawals {
  /** The statements that take something back, or that the contact's ledger holds itself. */
  readonly state: ConsentState;
  /** Paths of which something else is in force: they are left as they are. */
  readonly withheld: readonly string[];
}

/**
 * What of an old source may still be acted on. Since its date the person may have said anything, so that only these
 * count: a withdrawal that is in force, and a value that the contact's ledger holds in force too, since the same time.
 *
 * Of a withdrawal only what says it is kept, user by user, as it is in force. A statement that takes nothing back
 * could uncover or carry an opt-in once it meets others: a choice before or after the no, a record, a retraction, that
 * Didomi held nothing.
 *
 * @param source all that it says of the contact
 * @param ledger what the contact's ledger says
 * @param known both merged
 */
export function onlyWithdrawals(
  { source, ledger, known }: Record<'source' | 'ledger' | 'known', ConsentState>,
  mappings: readonly Mapping[],
): OnlyWithdrawals {
  const state: ConsentState[number][] = [];
  const withheld: string[] = [];
  for (const path of new Set(source.map((register) => register.path))) {
    const found = inForce(known, path);
    if (!found) continue;
    const wishes = wishesOf(known, mappings).filter((wish) => wish.path === path);
    if (takesBack(found.value, wishes)) state.push(...sayingSo(known, path, found.value));
    else if (isConfirmed(found, inForce(ledger, path))) state.push(...ofPath(ledger, path));
    else withheld.push(path);
  }
  return { state, withheld };
}

/**
 * Whether acting on a value can only take something from Brevo. Stricter than what goes first: a mapping may turn a
 * yes into `false` ("does not object"), or a no into a subscription. Of a preference value the blacklist flag decides,
 * because it is what lets mail through; without it, every attribute has to be taken back.
 */
function takesBack(value: ConsentValue, wishes: readonly Wish[]): boolean {
  const flag = wishes.find(({ id }) => id === BLACKLIST_FLAG);
  if (flag?.value !== undefined && isSubscribed(flag.value)) return false;
  if (isOptOut(value)) return true;
  if (value === true) return false;
  return flag ? isWithdrawal(flag) : wishes.length > 0 && wishes.every(isWithdrawal);
}

function isConfirmed(found: InForce, held: InForce | undefined): boolean {
  return (
    held !== undefined &&
    held.value === found.value &&
    held.time === found.time &&
    (found.time !== undefined || held.asOf === found.asOf)
  );
}

/** Regulation by regulation, because a no that a later yes of its own regulation overcame is none. */
function sayingSo(known: ConsentState, path: string, value: ConsentValue): ConsentState {
  const registers = ofPath(known, path);
  const agrees = (other: ConsentValue) => (isOptOut(value) ? isOptOut(other) : other === value);
  return [...new Set(registers.map(({ regulation }) => regulation))].flatMap((regulation) => {
    const own = registers.filter((register) => register.regulation === regulation);
    const found = inForce(own, path);
    return found && agrees(found.value) ? own.flatMap((register) => reduced(register, agrees)) : [];
  });
}

/** The register with no more than what is in force for its user, where that agrees. */
function reduced(
  register: Subject & Register,
  agrees: (value: ConsentValue) => boolean,
): (Subject & Register)[] {
  const found = inForceForUser(register);
  if (!found || !agrees(found.value)) return [];
  const { regulation, path, user } = register;
  const { value, time, eventId, asOf } = found;
  const choices = standingChoices(register).filter(
    (choice) => choice.value === value && choice.at === time && choice.eventId === eventId,
  );
  const snapshot = asOf === undefined ? {} : { snapshot: { value, asOf } };
  return [{ regulation, path, user, ...EMPTY_REGISTER, choices, ...snapshot }];
}

function ofPath(state: ConsentState, path: string): ConsentState {
  return state.filter((register) => register.path === path);
}
