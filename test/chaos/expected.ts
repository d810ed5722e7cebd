import type { SimContact } from '../../simulator';
import type { Json } from '../oracle/delivery';
import { inForceByOracle } from '../oracle/oracle';
import type { Verdict } from '../oracle/verdict';
import {
  attributeOf,
  FLAG_PATH,
  FREQUENCY_PATH,
  KNOWN_FREQUENCY,
  LIST_ID,
  PARTNERS_ATTRIBUTE,
  PARTNERS_PATH,
  PATHS,
} from './account';
import { asReceived, type Person } from './people';

/** All that was said about a person, and what they did in Brevo. */
export interface Told {
  readonly person: Person;
  /** Each that got a 202. */
  readonly messages: readonly Json[];
  /** Whole s since 1970: unsubscriptions and complaints in Brevo. */
  readonly acts: readonly number[];
}

/** Something that Brevo holds otherwise than it must. */
export interface Difference {
  readonly person: Person;
  readonly what: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** What must hold for one value, and what else may. */
interface Wanted {
  readonly what: string;
  readonly allowed: readonly unknown[];
  readonly actual: unknown;
}

/** A value that the account cannot hold is in force: it has to be listed as rejected. */
export function mustBeRejected({ messages }: Told): boolean {
  const frequency = inForce(messages).get(FREQUENCY_PATH)?.value;
  return frequency !== undefined && frequency !== '' && frequency !== KNOWN_FREQUENCY;
}

/** @param contact as Brevo holds it; undefined = not at all */
export function differences(told: Told, contact: SimContact | undefined): Difference[] {
  const { person } = told;
  const verdicts = inForce(told.messages);
  if (!contact) {
    const somethingToWrite = [...verdicts].some(
      ([path, { value }]) =>
        path === FLAG_PATH || (value !== '' && (path !== FREQUENCY_PATH || value === KNOWN_FREQUENCY)),
    );
    if (!person.seed && !somethingToWrite) return [];
    return [{ person, what: 'contact', expected: 'exists', actual: 'missing' }];
  }
  if (!person.seed && verdicts.size === 0) {
    return [{ person, what: 'contact', expected: 'missing', actual: 'exists' }];
  }
  const wanted = [
    ...PATHS.map((path) => wantedAttribute(path, verdicts, person, contact)),
    wantedPartners(verdicts, person, contact),
    {
      what: 'emailBlacklisted',
      allowed: allowedBlacklist(told, verdicts.get(FLAG_PATH)),
      actual: contact.emailBlacklisted,
    },
    {
      what: 'listIds',
      allowed: [String(person.seed?.listIds ?? [LIST_ID])],
      actual: String(contact.listIds),
    },
  ];
  return wanted
    .filter(({ allowed, actual }) => !allowed.includes(actual))
    .map(({ what, allowed, actual }) => ({ person, what, expected: allowed.join(' or '), actual }));
}

function inForce(messages: readonly Json[]): Map<string, Verdict> {
  const now = Date.now();
  return inForceByOracle(messages.map((message) => asReceived(message, now)));
}

function wantedAttribute(
  path: string,
  verdicts: ReadonlyMap<string, Verdict>,
  { seed }: Person,
  { attributes }: SimContact,
): Wanted {
  const name = attributeOf(path);
  const before = seed?.attributes?.[name] ?? '';
  const verdict = verdicts.get(path);
  const actual = attributes[name] ?? '';
  // What was there before stays where it cannot be replaced; which that is depends on what came when.
  const refused = path === FREQUENCY_PATH && verdict !== undefined && verdict.value !== KNOWN_FREQUENCY;
  if (refused && verdict.value !== '') return { what: name, allowed: ['', KNOWN_FREQUENCY], actual };
  return { what: name, allowed: [verdict?.value ?? before], actual };
}

/** Only contacts that were there when it was told are sure to have it. */
function wantedPartners(
  verdicts: ReadonlyMap<string, Verdict>,
  { seed }: Person,
  { attributes }: SimContact,
): Wanted {
  const verdict = verdicts.get(PARTNERS_PATH);
  const written = verdict === undefined ? '' : verdict.value ? 'Yes' : 'No';
  return {
    what: PARTNERS_ATTRIBUTE,
    allowed: seed ? [written] : [written, ''],
    actual: attributes[PARTNERS_ATTRIBUTE] ?? '',
  };
}

/** The rules of the blacklist, as a person would say them. */
function allowedBlacklist({ person, acts }: Told, flag: Verdict | undefined): boolean[] {
  const { seed, unsubscribedAt } = person;
  const all = [...acts, ...(unsubscribedAt === undefined ? [] : [Math.floor(unsubscribedAt / 1000)])];
  const byOthers = all.length > 0 || seed?.emailBlacklisted === true;
  if (!flag) return [byOthers];
  if (flag.value === false) return [true];
  if (!byOthers) return [false];
  // Of an unknown time: whether we blacklisted the contact ourselves before depends on what came when.
  if (flag.at === undefined) return [true, false];
  const { at } = flag;
  return [all.some((act) => act >= at)];
}
