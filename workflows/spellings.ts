import type { CarriedState } from './contact-state';
import type { SubmittedChange } from './contract';

/** Didomi may tell upper from lower case: it is asked by the spellings that its messages had. */

type Spelt = Pick<CarriedState, 'spellings' | 'events'>;

const KEPT_SPELLINGS = 4;

/** Stands for the identifier as we spell it; nothing is kept while there is no other. */
const OWN = '';

/** To be called before the change is listed among the events. */
export function noteSpelling(state: Spelt, { organizationUserId: spelling = OWN }: SubmittedChange): void {
  if (!state.spellings && spelling === OWN) return;
  const before = state.spellings ?? (state.events.length > 0 ? [OWN] : []);
  state.spellings = [...before.filter((one) => one !== spelling), spelling].slice(-KEPT_SPELLINGS);
}

/** Under which names Didomi may know the person. @param own the identifier as we spell it */
export function spellingsOf({ spellings = [OWN] }: Pick<Spelt, 'spellings'>, own: string): string[] {
  return spellings.map((spelling) => (spelling === OWN ? own : spelling));
}
