import type { ContactStory } from '../../client';
import type { SimContact, Simulator } from '../../simulator';
import type { Calls } from './calls';
import { type Difference, differences, mustBeRejected, type Told } from './expected';
import type { Story } from './load';
import type { Person } from './people';
import type { Answered } from './sender';

export interface Judgement {
  readonly compared: number;
  readonly differences: readonly Difference[];
  /**
   * Contacts that stay on the blacklist although an opt-in is in force: a write of ours of which nobody can say when it
   * was done looks like somebody's unsubscription, and the workflow says so.
   */
  readonly inDoubt: readonly Person[];
  /** Contacts of which a value cannot be written and whose workflow does not say so. */
  readonly notRejected: readonly Person[];
  readonly mustBeRejected: number;
  /** Contacts in Brevo that nobody is. */
  readonly strangers: number;
}

/** Compares what Brevo holds with what it must hold, for everybody. */
export function judge(
  people: readonly Person[],
  story: Story,
  simulator: Simulator,
  calls: Calls,
  stories: ReadonlyMap<Person, readonly ContactStory[]>,
): Judgement {
  const found: Difference[] = [];
  const inDoubt: Person[] = [];
  const notRejected: Person[] = [];
  let rejectedOnes = 0;
  for (const person of people) {
    const told: Told = {
      person,
      messages: story.messages.get(person) ?? [],
      acts: story.acts.get(person) ?? [],
    };
    const contact = contactOf(person, simulator);
    const own = stories.get(person) ?? [];
    for (const difference of differences(told, contact)) {
      if (contact && isInDoubt(difference, contact, calls, own)) inDoubt.push(person);
      else found.push(difference);
    }
    if (!mustBeRejected(told)) continue;
    rejectedOnes += 1;
    if (!own.some(({ rejected }) => rejected.length > 0)) notRejected.push(person);
  }
  const known = new Set(people.map(({ id }) => id));
  const strangers = simulator.contacts().filter(({ email, ext_id }) => !known.has(email ?? ext_id ?? ''));
  return {
    compared: people.length,
    differences: found,
    inDoubt,
    notRejected,
    mustBeRejected: rejectedOnes,
    strangers: strangers.length,
  };
}

export function contactOf({ id, kind }: Person, simulator: Simulator): SimContact | undefined {
  return simulator.contact(kind === 'email' ? { email: id } : { ext_id: id });
}

/** The stories of each person, by the workflows that their messages went to. */
export function storiesByPerson(
  answers: readonly Answered[],
  stories: ReadonlyMap<string, ContactStory>,
): ReadonlyMap<Person, readonly ContactStory[]> {
  const ids = new Map<Person, Set<string>>();
  for (const { person, result } of answers) {
    if (result.status !== 'accepted') continue;
    ids.set(person, (ids.get(person) ?? new Set()).add(result.workflowId));
  }
  return new Map([...ids].map(([person, own]) => [person, [...own].flatMap((id) => stories.get(id) ?? [])]));
}

function isInDoubt(
  { what, actual }: Difference,
  contact: SimContact,
  calls: Calls,
  stories: readonly ContactStory[],
): boolean {
  if (what !== 'emailBlacklisted' || actual !== true) return false;
  if (!stories.some(({ guarded }) => guarded !== undefined)) return false;
  const identifier = contact.email ?? contact.ext_id ?? '';
  return calls
    .blacklistings({ id: contact.id, identifier })
    .some(({ status }) => status === null || status >= 500);
}
