import { type ConsentState, mergeStates } from './consent-state';
import type { OwnBlacklisting } from './contact';
import {
  FIELD_END,
  ITEM_END,
  PART_END,
  readTable,
  readTime,
  readValue,
  TextTable,
  timeText,
  valueText,
} from './ledger-text';
import { EMPTY_REGISTER, type Register, standingChoices } from './register';
import { shortHash } from './short-hash';
import {
  type Choice,
  isOptOut,
  type Retraction,
  type Seconds,
  type Snapshot,
  type Subject,
  toSeconds,
} from './statement';

/**
 * The merge state as the text of a Brevo attribute: what still beats a late, older event when the contact's
 * workflow has long been closed, or when another workflow writes to the same contact. A person may edit or clear
 * the attribute: what cannot be read is left out.
 *
 *     1;=<key>:<text>;…;<path>,<regulation>,<user>,<statement>,…;…;b<seen off>.<from>;
 *
 * Texts stand once, in a table; a path is its short hash; numbers are in base 36. Statements are
 * `c<value>.<at>.<known>.<event>` (known left out where it equals at), `s<value>.<as of>`, `r<event>.<known>` and `n<as of>`
 * for a record that held nothing. Every item ends with `;`, so that one that was cut off is noticed.
 */
export interface Ledger {
  readonly state: ConsentState;
  /** Our own write that put the contact on the blacklist, where it is still the reason. */
  readonly own?: OwnBlacklisting;
}

const VERSION = '1';

/** A clock may have been ahead of ours by this much, in s, when the ledger was written: see `didomi/statements.ts`. */
const TOLERATED_LEAD = 5 * 60;

/**
 * For this long, in ms, after it began, an unsubscription by the account is taken for the trace of our own write. Too
 * short only keeps people on the blacklist.
 */
const OWN_WRITE_MS = 10_000;

/** Stands for a path that nobody has named to us. No path of Didomi's begins so. */
const UNMAPPED = '#';

export function writeLedger({ state, own }: Ledger): string {
  const table = new TextTable();
  const entries = state.flatMap((register) => entryOf(register, table));
  const items = [VERSION, ...table.items(), ...entries, ...(own ? [ownText(own)] : [])];
  return items.map((item) => `${item}${ITEM_END}`).join('');
}

/**
 * @param text of the attribute
 * @param paths that are known, of which the ledger holds hashes
 * @param now a time ahead of this is not believed
 */
export function readLedger(text: string, paths: readonly string[], now: Seconds): Ledger {
  const [version, ...items] = text.trim().split(ITEM_END).slice(0, -1);
  if (version !== VERSION) return { state: [] };
  const reader = new LedgerReader(readTable(items), paths, now + TOLERATED_LEAD);
  const own = items.map((item) => reader.ownBlacklisting(item)).find((found) => found !== undefined);
  const entries = items.flatMap((item) => reader.entry(item) ?? []);
  return { state: mergeStates([], entries), ...(own && { own }) };
}

/** The state with the paths that a ledger told of before they were known. @param paths that are known now */
export function withNames(state: ConsentState, paths: readonly string[]): ConsentState {
  const names = new Map(paths.map((path) => [unmapped(path), path]));
  if (!state.some(({ path }) => names.has(path))) return state;
  return mergeStates(
    [],
    state.map((one) => ({ ...one, path: names.get(one.path) ?? one.path })),
  );
}

/** The paths of a state that go by their names. */
export function namesIn(state: ConsentState): string[] {
  return [...new Set(state.map(({ path }) => path))].filter((path) => !path.startsWith(UNMAPPED));
}

/** Whether a choice, or that one is void, has to be noted. Records alone are no reason to write. */
export function hasNews(state: ConsentState, ledger: ConsentState): boolean {
  const noted = new Map(ledger.map((register) => [subjectText(register), newsIn(register)]));
  return state.some((register) => newsIn(register) !== (noted.get(subjectText(register)) ?? NO_NEWS));
}

/** The choices that a register needs once its workflow is closed: the highest, and the opt-out under it. */
function choicesToKeep(register: Register): Choice[] {
  const [highest, ...others] = standingChoices(register);
  if (!highest) return [];
  const optOut = others.find(({ value, eventId }) => isOptOut(value) && eventId !== highest.eventId);
  return optOut ? [highest, optOut] : [highest];
}

function subjectText({ regulation, path, user }: Subject): string {
  return JSON.stringify([regulation, path, user]);
}

function newsIn(register: Register): string {
  const choices = choicesToKeep(register).map(({ value, at, eventId }) => [value, at, eventId]);
  return JSON.stringify([choices, register.retractions.map(({ eventId }) => eventId).sort()]);
}

const NO_NEWS = newsIn(EMPTY_REGISTER);

function entryOf(register: Subject & Register, table: TextTable): string[] {
  const { regulation, path, user, snapshot, retractions, silentAsOf } = register;
  const statements = [
    ...choicesToKeep(register).map((choice) => choiceText(choice, table)),
    ...(snapshot ? [snapshotText(snapshot, table)] : []),
    ...retractions.map((retraction) => retractionText(retraction, table)),
    ...(silentAsOf === undefined ? [] : [`n${timeText(silentAsOf)}`]),
  ];
  if (statements.length === 0) return [];
  return [[pathText(path), table.keyOf(regulation), table.keyOf(user), ...statements].join(FIELD_END)];
}

function unmapped(path: string): string {
  return UNMAPPED + shortHash(path);
}

function pathText(path: string): string {
  return path.startsWith(UNMAPPED) ? path.slice(UNMAPPED.length) : shortHash(path);
}

function choiceText({ value, at, known, eventId }: Choice, table: TextTable): string {
  const since = known === at ? '' : timeText(known);
  return `c${[valueText(value, table), timeText(at), since, table.keyOf(eventId)].join(PART_END)}`;
}

function snapshotText({ value, asOf }: Snapshot, table: TextTable): string {
  return `s${[valueText(value, table), timeText(asOf)].join(PART_END)}`;
}

function retractionText({ eventId, known }: Retraction, table: TextTable): string {
  return `r${[table.keyOf(eventId), timeText(known)].join(PART_END)}`;
}

function ownText({ seenOffAt, from }: OwnBlacklisting): string {
  return `b${[seenOffAt, from].map(toSeconds).map(timeText).join(PART_END)}`;
}

class LedgerReader {
  private readonly paths: ReadonlyMap<string, string>;

  constructor(
    private readonly table: ReadonlyMap<string, string | undefined>,
    paths: readonly string[],
    private readonly latest: Seconds,
  ) {
    this.paths = new Map(paths.map((path) => [shortHash(path), path]));
  }

  entry(item: string): (Subject & Register) | undefined {
    const [hash = '', regulationKey, userKey, ...statements] = item.split(FIELD_END);
    const regulation = this.text(regulationKey);
    const user = this.text(userKey);
    if (!PATH_HASH.test(hash) || regulation === undefined || user === undefined) return undefined;
    const choices = this.read(statements, 'c', (parts) => this.choice(parts));
    const [snapshot] = this.read(statements, 's', (parts) => this.snapshot(parts));
    const retractions = this.read(statements, 'r', (parts) => this.retraction(parts));
    const [silentAsOf] = this.read(statements, 'n', ([time]) => readTime(time, this.latest));
    const path = this.paths.get(hash) ?? UNMAPPED + hash;
    return {
      regulation,
      path,
      user,
      choices,
      retractions,
      ...(snapshot && { snapshot }),
      ...(silentAsOf !== undefined && { silentAsOf }),
    };
  }

  ownBlacklisting(item: string): OwnBlacklisting | undefined {
    if (!item.startsWith('b')) return undefined;
    const [seenOff, from] = item
      .slice(1)
      .split(PART_END)
      .map((text) => readTime(text, this.latest));
    if (seenOff === undefined || from === undefined) return undefined;
    return { seenOffAt: seenOff * 1000, from: from * 1000, to: from * 1000 + OWN_WRITE_MS };
  }

  private text(key: string | undefined): string | undefined {
    return this.table.get(key ?? '');
  }

  private read<T>(
    statements: readonly string[],
    kind: string,
    read: (parts: readonly string[]) => T | undefined,
  ): T[] {
    return statements
      .filter((statement) => statement.startsWith(kind))
      .flatMap((statement) => read(statement.slice(kind.length).split(PART_END)) ?? []);
  }

  private choice([valueWritten = '', atWritten, since, eventKey]: readonly string[]): Choice | undefined {
    const value = readValue(valueWritten, this.table);
    const at = readTime(atWritten, this.latest);
    const known = since === '' ? at : readTime(since, this.latest);
    const eventId = this.text(eventKey);
    if (value === undefined || at === undefined || known === undefined || eventId === undefined) {
      return undefined;
    }
    return { value, at, known, eventId };
  }

  private snapshot([valueWritten = '', time]: readonly string[]): Snapshot | undefined {
    const value = readValue(valueWritten, this.table);
    const asOf = readTime(time, this.latest);
    return value === undefined || asOf === undefined ? undefined : { value, asOf };
  }

  private retraction([eventKey, time]: readonly string[]): Retraction | undefined {
    const eventId = this.text(eventKey);
    const known = readTime(time, this.latest);
    return eventId === undefined || known === undefined ? undefined : { eventId, known };
  }
}

const PATH_HASH = /^[0-9a-z]{1,7}$/;
