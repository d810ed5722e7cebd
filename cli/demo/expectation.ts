import type { ContactSeed } from '../../simulator';
import { FREQUENCIES, LIST_ID, REFUSED_LANGUAGE, TOPICS } from './demo-config';
import type { Script } from './script';

/**
 * What Brevo should hold after a demo, worked out from everything that was sent, in the plainest way: all facts on the
 * table, then the rules as a person would say them. It shares no code with the system that it judges.
 */
export interface ExpectedContact {
  /** E-mail address, or customer number. */
  readonly id: string;
  readonly emailBlacklisted: boolean;
  readonly listIds: readonly number[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

export function expectedContacts(script: Script): ExpectedContact[] {
  const facts = script.steps.flatMap((step) =>
    step.kind === 'webhook' ? step.messages.flatMap(factsIn) : [],
  );
  const unsubscriptions = unsubscriptionsIn(script);
  const ids = new Set([...script.contacts.map(idOf), ...facts.map(({ person }) => person)]);
  return [...ids].flatMap((id) => {
    const before = script.contacts.find((contact) => idOf(contact) === id);
    const about = facts.filter(({ person }) => person === id);
    const left = unsubscriptions.filter(({ person }) => person === id).map(({ at }) => at);
    return expectedContact(id, before, about, left) ?? [];
  });
}

/** Something that Didomi says a person said. */
interface Fact {
  readonly person: string;
  /** Didomi's user: one person may be several. */
  readonly user: string;
  readonly question: string;
  readonly answer: unknown;
  /** Seconds since 1970. */
  readonly at: number;
  /** From a user record, which does not say when its answers were given. */
  readonly isRecord: boolean;
}

interface Said {
  readonly answer: unknown;
  readonly at: number;
  readonly isTimeKnown: boolean;
}

function expectedContact(
  id: string,
  before: ContactSeed | undefined,
  facts: readonly Fact[],
  unsubscriptions: readonly number[],
): ExpectedContact | undefined {
  const newsletter = lastSaid(facts, 'newsletter');
  const attributes: Record<string, unknown> = { ...before?.attributes };
  if (newsletter) attributes.EMAIL_NOTIFICATION = newsletter.answer;
  write(attributes, 'FREQUENCY', lastSaid(facts, 'frequency'), (answer) =>
    FREQUENCIES.find((one) => one === answer),
  );
  write(attributes, 'TOPICS', lastSaid(facts, 'topics'), (answer) => {
    const chosen = String(answer).split(',');
    return TOPICS.filter((topic) => chosen.includes(topic));
  });
  write(attributes, 'LANGUAGE', lastSaid(facts, 'language'), (answer) =>
    answer === REFUSED_LANGUAGE ? undefined : answer,
  );
  if (!before && Object.keys(attributes).length === 0) return undefined;
  // Only contacts that Brevo had before get offers of partners: nothing is created for these.
  if (before)
    write(attributes, 'PARTNER_OFFERS', lastSaid(facts, 'partners'), (answer) => (answer ? 'Yes' : 'No'));
  return {
    id,
    attributes,
    listIds: before?.listIds ?? [LIST_ID],
    emailBlacklisted: isBlacklisted(before, newsletter, unsubscriptions),
  };
}

function isBlacklisted(
  before: ContactSeed | undefined,
  newsletter: Said | undefined,
  unsubscriptions: readonly number[],
): boolean {
  const wasBlacklisted = before?.emailBlacklisted === true || unsubscriptions.length > 0;
  if (!newsletter) return wasBlacklisted;
  if (newsletter.answer === false) return true;
  if (!wasBlacklisted) return false;
  if (!newsletter.isTimeKnown) return true;
  return unsubscriptions.some((at) => at >= newsletter.at);
}

function write(
  attributes: Record<string, unknown>,
  name: string,
  said: Said | undefined,
  inBrevo: (answer: unknown) => unknown,
): void {
  if (!said) return;
  const isCleared = said.answer === '';
  const value = isCleared ? undefined : inBrevo(said.answer);
  if (isCleared) delete attributes[name];
  else if (value !== undefined) attributes[name] = value;
}

/** The last word of each of the person's Didomi users; among several, a no stands unless a yes is surely later. */
function lastSaid(facts: readonly Fact[], question: string): Said | undefined {
  const about = facts.filter((fact) => fact.question === question);
  const users = [...new Set(about.map(({ user }) => user))];
  const words = users.flatMap((user) => lastWord(about.filter((fact) => fact.user === user)) ?? []);
  const lastNo = latest(words.filter(isNo));
  if (!lastNo) return latest(words);
  return latest(words.filter((word) => !isNo(word) && word.isTimeKnown && word.at > lastNo.at)) ?? lastNo;
}

/** The latest fact; in the same second a no. A record's answer was given when an event gave it. */
function lastWord(facts: readonly Fact[]): Said | undefined {
  const [last] = [...facts].sort((a, b) => b.at - a.at || Number(isNo(b)) - Number(isNo(a)));
  if (!last) return undefined;
  if (!last.isRecord) return { answer: last.answer, at: last.at, isTimeKnown: true };
  const given = lastWord(facts.filter(({ isRecord }) => !isRecord));
  if (given?.answer === last.answer) return given;
  return { answer: last.answer, at: last.at, isTimeKnown: false };
}

function latest(words: readonly Said[]): Said | undefined {
  return [...words].sort((a, b) => b.at - a.at)[0];
}

function isNo({ answer }: { readonly answer: unknown }): boolean {
  return answer === false || answer === '';
}

// What the messages say. Only events and records under the GDPR that are not in the future count.

type Json = Readonly<Record<string, unknown>>;

function factsIn(message: Json): Fact[] {
  if (message.regulation !== 'gdpr') return [];
  const { entity, old_entity: old, new_entity: changed, source } = message.parameters as Record<string, Json>;
  switch (message.type) {
    case 'event.created':
      return entity ? factsOfEvent(unflattened(entity)) : [];
    case 'event.updated':
      return old && changed ? factsOfUpdatedEvent(old, changed) : [];
    case 'user.created':
      return entity ? factsOfRecord(entity) : [];
    case 'user.updated':
      return old && changed && source ? factsOfUpdatedRecord(old, changed, source) : [];
    default:
      return [];
  }
}

function factsOfEvent(event: Json): Fact[] {
  if (event.status !== 'confirmed' || seconds(event.created_at) > seconds(new Date().toISOString()) + 300)
    return [];
  return factsAt(event.user as Json, answersOf(event.user as Json, event), seconds(event.created_at), false);
}

/** A confirmed double opt-in counts from its confirmation. */
function factsOfUpdatedEvent(old: Json, event: Json): Fact[] {
  if (event.status !== 'confirmed') return [];
  const at = old.status === 'confirmed' ? event.created_at : event.updated_at;
  return factsAt(event.user as Json, answersOf(event.user as Json, event), seconds(at), false);
}

function factsOfRecord(user: Json): Fact[] {
  return factsAt(user, answersOf(user, user), seconds(user.updated_at), true);
}

/** What differs between the two records was said in the event that is their source. */
function factsOfUpdatedRecord(old: Json, user: Json, source: Json): Fact[] {
  const before = answersOf(old, old);
  const changed = [...answersOf(user, user)].filter(([question, answer]) => before.get(question) !== answer);
  return [...factsOfRecord(user), ...factsAt(user, new Map(changed), seconds(source.created_at), false)];
}

function factsAt(user: Json, answers: ReadonlyMap<string, unknown>, at: number, isRecord: boolean): Fact[] {
  const person = user.organization_user_id;
  // Brevo has no contact with so long a name.
  if (typeof person !== 'string' || person.length > 254) return [];
  return [...answers].map(([question, answer]) => ({
    person,
    user: String(user.id),
    question,
    answer,
    at,
    isRecord,
  }));
}

function answersOf(user: Json, holder: Json): Map<string, unknown> {
  const { purposes } = holder.consents as { purposes: Json[] };
  const newsletter = purposes.find(({ id }) => id === 'newsletter');
  const partners = purposes.find(({ id }) => id === 'partners');
  const values = (newsletter?.values ?? {}) as Record<string, Json>;
  const answers: [string, unknown][] = [
    ['newsletter', newsletter?.enabled],
    ['frequency', values.frequency?.value],
    ['topics', values.topics?.value],
    ['partners', partners?.enabled],
    ['language', (user.metadata as Json | undefined)?.language],
  ];
  return new Map(answers.filter(([, answer]) => answer !== undefined && answer !== null));
}

/** Puts `a__b__0__c` together again. */
function unflattened(entity: Json): Json {
  const whole: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(entity)) {
    const names = path.split('__');
    const last = names.pop() ?? '';
    let place = whole;
    for (const name of names) {
      place[name] ??= {};
      place = place[name] as Record<string, unknown>;
    }
    place[last] = value;
  }
  const { consents } = whole;
  if (!isObject(consents) || !isObject(consents.purposes) || Array.isArray(consents.purposes)) return whole;
  return { ...whole, consents: { purposes: Object.values(consents.purposes) } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function unsubscriptionsIn({ contacts, steps }: Script): { readonly person: string; readonly at: number }[] {
  const earlier = contacts.flatMap((contact) => {
    const { userUnsubscription = [] } = contact.statistics?.unsubscriptions ?? {};
    return userUnsubscription.map(({ eventTime }) => ({ person: idOf(contact), at: seconds(eventTime) }));
  });
  const later = steps.flatMap((step) =>
    step.kind === 'unsubscribe' ? [{ person: step.action.email ?? '', at: seconds(step.action.at) }] : [],
  );
  return [...earlier, ...later];
}

function idOf(contact: ContactSeed): string {
  return contact.ext_id ?? contact.email ?? '';
}

function seconds(time: unknown): number {
  return Math.floor(Date.parse(String(time)) / 1000);
}
