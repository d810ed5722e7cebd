/**
 * What is not known of Brevo, or differs between accounts and times. The first value of each is the default;
 * where two are equally likely it is the one that is harder on a client.
 */
const SWITCHES = {
  /** Unknown attribute names in a write: dropped without a word, or 400. */
  unknownAttribute: ['ignore', '400'],
  /** Names in lower case: taken as unknown, or as if upper-case. */
  lowerCaseAttribute: ['unknown', 'accept'],
  /** Code of a duplicate: the second is reported since 2026-05. */
  duplicateCode: ['invalid_parameter', 'duplicate_parameter'],
  /** A duplicate with `metadata.duplicate_identifiers`, or the older "Contact already exist" without metadata. */
  duplicateWording: ['metadata', 'already_exist'],
  /** Spelling in `duplicate_identifiers`: email, SMS, ext_id, or EMAIL, SMS, EXT_ID. */
  duplicateNames: ['documented', 'upper_case'],
  /** A `+` in the path that was not encoded: taken for a space, or for itself. */
  unencodedPlus: ['not_found', 'works'],
  /** An identifier that is neither e-mail nor number, without identifierType. */
  unguessableIdentifier: ['404', '400'],
  /** A list that does not exist in listIds or unlinkListIds of a contact. */
  unknownList: ['400', '404'],
  /** How a category value is read back: its label, or its id as text or as number. */
  categoryValue: ['label', 'id', 'number'],
  /** `listUnsubscribed` of a contact that left no list. */
  noListUnsubscribed: ['null', 'absent', 'empty'],
  /** Whether `attributes` shows EXT_ID. */
  extIdInAttributes: ['shown', 'hidden'],
  /** Whether blacklisting by the API leaves an `adminUnsubscription` in the statistics. */
  apiBlacklisting: ['leaves_admin_unsubscription', 'leaves_no_trace'],
  /** Whether `attributes.EMAIL` resets the blacklist also when the address stays the same. */
  sameEmail: ['resubscribes', 'keeps_blacklist'],
  /** POST /contacts/batch, deprecated with effect from 2026-10-30. */
  batch: ['404', '405', '410', 'working'],
  /** GET /contacts of a segment: an empty page, or Cloudflare's 524 in plain text. */
  emptySegment: ['empty', '524'],
  /** Whether the account has consent groups; with them contacts carry `consentGroups`. */
  consentGroups: ['off', 'on'],
  /** Per-second budget: a token bucket, or windows of one second that begin with a call. */
  rateAlgorithm: ['token_bucket', 'fixed_window', 'sliding_window'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

type Choices = { [Name in keyof typeof SWITCHES]: (typeof SWITCHES)[Name][number] };

export interface SimulatorSwitches extends Choices {
  /** Milliseconds until a write is seen by GET /contacts and by GET of a contact by e-mail. Default 0. */
  readLagMs: number;
  /** Offset of the account's time zone from UTC in minutes, shown in all times. Default 60. */
  utcOffsetMinutes: number;
  /** Longest span in days of startDate to endDate on GET of a contact; 0 = any. Default 0. */
  statisticsMaxDays: number;
}

const NUMBERS: Pick<SimulatorSwitches, 'readLagMs' | 'utcOffsetMinutes' | 'statisticsMaxDays'> = {
  readLagMs: 0,
  utcOffsetMinutes: 60,
  statisticsMaxDays: 0,
};

export function defaultSwitches(): SimulatorSwitches {
  const choices = Object.fromEntries(Object.entries(SWITCHES).map(([name, values]) => [name, values[0]]));
  return { ...(choices as Choices), ...NUMBERS };
}

/** The switches with `changes` applied. Throws a plain-language error for an unknown name or value. */
export function changedSwitches(
  current: SimulatorSwitches,
  changes: Readonly<Record<string, unknown>>,
): SimulatorSwitches {
  for (const [name, value] of Object.entries(changes)) checkSwitch(name, value);
  return { ...current, ...(changes as Partial<SimulatorSwitches>) };
}

function checkSwitch(name: string, value: unknown): void {
  if (Object.hasOwn(NUMBERS, name)) {
    if (typeof value === 'number' && Number.isInteger(value)) return;
    throw new Error(`Switch ${name} takes a whole number, not ${JSON.stringify(value)}.`);
  }
  const values: readonly string[] | undefined = Object.hasOwn(SWITCHES, name)
    ? SWITCHES[name as keyof typeof SWITCHES]
    : undefined;
  if (values === undefined) {
    const known = [...Object.keys(SWITCHES), ...Object.keys(NUMBERS)].join(', ');
    throw new Error(`There is no switch ${JSON.stringify(name)}. Switches: ${known}.`);
  }
  if (typeof value === 'string' && values.includes(value)) return;
  throw new Error(`Switch ${name} takes ${values.join(' or ')}, not ${JSON.stringify(value)}.`);
}
