import type { ContactSeed, RecipientAction } from '../../simulator';
import { FREQUENCIES, LIST_ID, REFUSED_LANGUAGE, TOPICS } from './demo-config';
import { DidomiPerson, flattened, iso, type Message } from './didomi-person';
import type { Random } from './random';

/** Something that happens in the demo: a webhook of Didomi, or a recipient's act in Brevo. */
export type Step =
  | { readonly kind: 'webhook'; readonly messages: readonly Message[] }
  | { readonly kind: 'unsubscribe'; readonly action: RecipientAction & { readonly at: string } };

/** What happens with one person, in the order of arrival. */
export interface Plot {
  /** What Brevo knows of the person before; absent = nothing. */
  readonly seed?: ContactSeed;
  readonly steps: readonly Step[];
}

/** What a story is told about. Times are ms since 1970. */
export interface Cast {
  readonly random: Random;
  /** An address that nobody else has. */
  readonly email: string;
  /** A number that nobody else has. */
  readonly number: number;
  /** A moment of the last days, a few hours ago at least. */
  readonly at: number;
  /** The start of the demo. */
  readonly now: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LANGUAGES = ['fr', 'en', 'de', 'es', 'it'] as const;

export type Story = (cast: Cast) => Plot;

/** How often each story is told, compared with the others; each is told at least once. */
export const STORIES: readonly (readonly [weight: number, story: Story])[] = [
  [14, signsUp],
  [5, signsUpFlattened],
  [8, knownContactSaysYes],
  [3, saysWhatBrevoHolds],
  [10, withdraws],
  [4, unknownPersonSaysNo],
  [7, changesPreferences],
  [5, withdrawsButOlderYesComesLate],
  [4, changesTheirMindTwice],
  [3, saysBothInOneSecond],
  [3, comesBackAfterAnUnsubscription],
  [3, unsubscribesInBrevoThenOlderYes],
  [3, complainsInBrevo],
  [5, confirmsDoubleOptIn],
  [3, neverConfirmsDoubleOptIn],
  [3, hasTwoDevices],
  [3, isKnownByCustomerNumber],
  [6, partnersOnlyKnownContact],
  [4, partnersOnlyUnknownContact],
  [2, choosesATopicThatBrevoLacks],
  [2, choosesAFrequencyThatBrevoLacks],
  [2, speaksALanguageThatBrevoRefuses],
  [2, livesUnderAnotherRegulation],
  [2, sendsAnUnknownType],
  [2, eventIsDeleted],
  [2, isAGuest],
  [1, hasAnImpossibleIdentifier],
  [2, livesInTheFuture],
  [2, answersWhatIsNotMapped],
];

function signsUp(cast: Cast): Plot {
  const { event, record } = person(cast).says(cast.at, subscription(cast));
  return { steps: [webhook(event), webhook(record)] };
}

function signsUpFlattened(cast: Cast): Plot {
  const { event } = person(cast).says(cast.at, subscription(cast));
  return { steps: [webhook(flattened(event))] };
}

function knownContactSaysYes(cast: Cast): Plot {
  const { event, record } = person(cast).says(cast.at, {
    ...subscription(cast),
    partners: cast.random.chance(0.5),
  });
  return { seed: known(cast, {}), steps: [webhook(record), webhook(event)] };
}

function saysWhatBrevoHolds(cast: Cast): Plot {
  const { event, record } = person(cast, { language: 'fr' }).says(cast.at, { newsletter: true });
  const attributes = { EMAIL_NOTIFICATION: true, LANGUAGE: 'fr' };
  return { seed: known(cast, attributes), steps: [webhook(event), webhook(record)] };
}

function withdraws(cast: Cast): Plot {
  const somebody = person(cast);
  const yes = somebody.says(cast.at - HOUR, subscription(cast));
  const no = somebody.says(cast.at, { newsletter: false });
  const steps = [webhook(yes.event), webhook(no.event), webhook(no.record)];
  return { seed: known(cast, { EMAIL_NOTIFICATION: true }), steps };
}

function unknownPersonSaysNo(cast: Cast): Plot {
  const { event, record } = person(cast).says(cast.at, { newsletter: false });
  return { steps: [webhook(event), webhook(record)] };
}

function changesPreferences(cast: Cast): Plot {
  const somebody = person(cast);
  const first = somebody.says(cast.at - HOUR, { newsletter: true, topics: 'sport', frequency: 'weekly' });
  const second = somebody.says(cast.at, { topics: 'sport,culture,news', frequency: 'daily' });
  return {
    ...(cast.random.chance(0.5) && { seed: known(cast, { TOPICS: ['offers'] }) }),
    steps: [webhook(first.event), webhook(first.record), webhook(second.event), webhook(second.record)],
  };
}

function withdrawsButOlderYesComesLate(cast: Cast): Plot {
  const somebody = person(cast);
  const yes = somebody.says(cast.at - 3 * HOUR, subscription(cast));
  const no = somebody.says(cast.at, { newsletter: false });
  return {
    seed: known(cast, {}),
    steps: [webhook(no.record), webhook(no.event), webhook(yes.event), webhook(yes.record)],
  };
}

function changesTheirMindTwice(cast: Cast): Plot {
  const somebody = person(cast);
  const yes = somebody.says(cast.at - 2 * HOUR, subscription(cast));
  const no = somebody.says(cast.at - HOUR, { newsletter: false });
  const again = somebody.says(cast.at, { newsletter: true });
  return {
    steps: [
      webhook(yes.event),
      webhook(no.event),
      webhook(again.event),
      webhook(no.record),
      webhook(again.record),
    ],
  };
}

function saysBothInOneSecond(cast: Cast): Plot {
  const somebody = person(cast);
  const no = somebody.says(cast.at, { newsletter: false });
  const yes = somebody.says(cast.at, { newsletter: true });
  return { seed: known(cast, {}), steps: [webhook(no.event), webhook(yes.event)] };
}

function comesBackAfterAnUnsubscription(cast: Cast): Plot {
  const { event, record } = person(cast).says(cast.at, subscription(cast));
  const userUnsubscription = [{ campaignId: 12, eventTime: iso(cast.at - 5 * HOUR) }];
  const seed = {
    ...known(cast, { EMAIL_NOTIFICATION: true }),
    emailBlacklisted: true,
    statistics: { unsubscriptions: { userUnsubscription, adminUnsubscription: [] } },
  };
  return { seed, steps: [webhook(event), webhook(record)] };
}

function unsubscribesInBrevoThenOlderYes(cast: Cast): Plot {
  const { event, record } = person(cast).says(cast.at, subscription(cast));
  const unsubscribe = recipient(cast, 'userUnsubscription', cast.now - 30 * MINUTE);
  return {
    seed: known(cast, { EMAIL_NOTIFICATION: true }),
    steps: [unsubscribe, webhook(event), webhook(record)],
  };
}

function complainsInBrevo(cast: Cast): Plot {
  const { event } = person(cast).says(cast.at, { newsletter: true, frequency: 'daily' });
  const complaint = recipient(cast, 'complaint', cast.at + 10 * MINUTE);
  return { seed: known(cast, {}), steps: [complaint, webhook(event)] };
}

function confirmsDoubleOptIn(cast: Cast): Plot {
  const asked = person(cast).asks(cast.at - HOUR, subscription(cast));
  const { event, record } = asked.confirm(cast.at);
  return { steps: [webhook(asked.message), webhook(event), webhook(record)] };
}

function neverConfirmsDoubleOptIn(cast: Cast): Plot {
  return { steps: [webhook(person(cast).asks(cast.at, subscription(cast)).message)] };
}

/** The phone says no, the laptop yes, at different times. */
function hasTwoDevices(cast: Cast): Plot {
  const yesIsLater = cast.random.chance(0.5);
  const phone = person(cast, { language: 'fr' }).says(cast.at, { newsletter: false });
  const laptop = person(cast, { language: 'fr' }).says(cast.at + (yesIsLater ? HOUR : -HOUR), {
    newsletter: true,
  });
  return {
    seed: known(cast, {}),
    steps: [webhook(laptop.event), webhook(phone.event), webhook(phone.record), webhook(laptop.record)],
  };
}

function isKnownByCustomerNumber(cast: Cast): Plot {
  const id = `C-${100_000 + cast.number}`;
  const { event, record } = person(cast, { organizationUserId: id }).says(cast.at, subscription(cast));
  const seed = { ...known(cast, {}), ext_id: id };
  return { ...(cast.random.chance(0.5) && { seed }), steps: [webhook(event), webhook(record)] };
}

function partnersOnlyKnownContact(cast: Cast): Plot {
  const somebody = person(cast);
  const first = somebody.says(cast.at - HOUR, { partners: false });
  const second = somebody.says(cast.at, { partners: true });
  return {
    seed: known(cast, {}),
    steps: [webhook(second.event), webhook(first.event), webhook(second.record)],
  };
}

function partnersOnlyUnknownContact(cast: Cast): Plot {
  // Without a language nothing of it is for the integration that creates contacts.
  const { event } = person(cast).says(cast.at, { partners: cast.random.chance(0.5) });
  return { steps: [webhook(withoutLanguage(event))] };
}

function choosesATopicThatBrevoLacks(cast: Cast): Plot {
  const { event, record } = person(cast).says(cast.at, { newsletter: true, topics: 'sport,gardening' });
  return { seed: known(cast, {}), steps: [webhook(event), webhook(record)] };
}

function choosesAFrequencyThatBrevoLacks(cast: Cast): Plot {
  const { event, record } = person(cast).says(cast.at, {
    newsletter: cast.random.chance(0.5),
    frequency: 'hourly',
  });
  return { steps: [webhook(event), webhook(record)] };
}

function speaksALanguageThatBrevoRefuses(cast: Cast): Plot {
  const newsletter = cast.random.chance(0.5);
  const { event, record } = person(cast, { language: REFUSED_LANGUAGE }).says(cast.at, { newsletter });
  return {
    ...(cast.random.chance(0.5) && { seed: known(cast, {}) }),
    steps: [webhook(event), webhook(record)],
  };
}

function livesUnderAnotherRegulation(cast: Cast): Plot {
  const { event } = person(cast, { regulation: 'cpra' }).says(cast.at, { newsletter: true });
  return { steps: [webhook(event)] };
}

function sendsAnUnknownType(cast: Cast): Plot {
  return {
    steps: [webhook({ type: 'consent.exported', parameters: { entity: { id: cast.random.uuid() } } })],
  };
}

function eventIsDeleted(cast: Cast): Plot {
  const entity = { id: cast.random.uuid(), created_at: iso(cast.at) };
  return { steps: [webhook({ type: 'event.deleted', regulation: 'gdpr', parameters: { entity } })] };
}

function isAGuest(cast: Cast): Plot {
  const { random } = cast;
  const guest = new DidomiPerson(random, { language: random.pick(LANGUAGES) });
  return { steps: [webhook(guest.says(cast.at, { newsletter: true }).event)] };
}

function hasAnImpossibleIdentifier(cast: Cast): Plot {
  const { event } = person(cast, { organizationUserId: 'x'.repeat(300) }).says(cast.at, { newsletter: true });
  return { steps: [webhook(event)] };
}

function livesInTheFuture(cast: Cast): Plot {
  const { event } = person(cast).says(cast.now + HOUR, { newsletter: true });
  return { steps: [webhook(event)] };
}

function answersWhatIsNotMapped(cast: Cast): Plot {
  const { event } = person(cast).says(cast.at, { profiling: true });
  return { steps: [webhook(withoutLanguage(event))] };
}

function person(
  { random, email }: Cast,
  options: { organizationUserId?: string; language?: string; regulation?: string } = {},
): DidomiPerson {
  return new DidomiPerson(random, {
    organizationUserId: email,
    language: random.pick(LANGUAGES),
    ...options,
  });
}

function subscription({ random }: Cast) {
  return {
    newsletter: true,
    ...(random.chance(0.7) && { frequency: random.pick(FREQUENCIES) }),
    ...(random.chance(0.7) && { topics: TOPICS.filter(() => random.chance(0.5)).join(',') }),
  };
}

/** A contact that Brevo has, on a list that is none of ours. */
function known(cast: Cast, attributes: Readonly<Record<string, unknown>>): ContactSeed {
  const other = cast.random.chance(0.2) ? LIST_ID : 12;
  return { email: cast.email, attributes, listIds: [other], createdAt: iso(cast.now - 90 * 24 * HOUR) };
}

function recipient(cast: Cast, kind: 'userUnsubscription' | 'complaint', at: number): Step {
  return { kind: 'unsubscribe', action: { email: cast.email, kind, at: iso(at) } };
}

function webhook(message: Message): Step {
  return { kind: 'webhook', messages: [message] };
}

function withoutLanguage(message: Message): Message {
  return JSON.parse(JSON.stringify(message, (key, value) => (key === 'language' ? undefined : value)));
}
