import type { ConsentValue } from './statement';

/** What a Brevo attribute can hold, as far as we can write it. */
export type AttributeType =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'text' }
  | { readonly kind: 'number' }
  | { readonly kind: 'date' }
  | { readonly kind: 'category'; readonly options: readonly CategoryOption[] }
  | { readonly kind: 'multiple-choice'; readonly options: readonly string[] }
  | { readonly kind: 'unwritable'; readonly why: string }
  | { readonly kind: 'missing' };

/** One choice of a category attribute: Brevo takes its id or its label. */
export interface CategoryOption {
  readonly id: string;
  readonly label: string;
}

/** A value as Brevo takes it; `""` and `[]` clear. */
export type BrevoValue = string | number | boolean | string[];

/**
 * What to write and, if some of it cannot be written, why. `refused` continues a sentence that starts with the
 * attribute's name ("OPT_EMAIL …") and never quotes the value of a contact, save options that Brevo does not know.
 */
export type Conversion =
  | { readonly write: BrevoValue; readonly refused?: string }
  | { readonly refused: string };

/**
 * Turns a value into the type that the Brevo attribute has. Brevo answers 2xx to a wrong type and drops the value
 * (its create-contact reference says "will be ignored"), so a value that does not fit is refused here.
 */
export function convert(value: ConsentValue, type: AttributeType): Conversion {
  switch (type.kind) {
    case 'boolean':
      return toBoolean(value);
    case 'text':
      return { write: String(value) };
    case 'number':
      return toNumber(value);
    case 'date':
      return toDate(value);
    case 'category':
      return toCategory(String(value), type.options);
    case 'multiple-choice':
      return toMultipleChoice(String(value), type.options);
    case 'unwritable':
      return { refused: `cannot be written: ${type.why}` };
    case 'missing':
      return { refused: `does not exist in Brevo: create it there as ${suggestedType(value)}` };
  }
}

/**
 * Whether Brevo, which says `current`, already holds `write`. A boolean that was never set is not `false`: the
 * person's no must be on record.
 */
export function holds(current: unknown, write: BrevoValue, type: AttributeType): boolean {
  if (isEmpty(write)) return isEmpty(current);
  if (isEmpty(current)) return false;
  switch (type.kind) {
    case 'boolean':
      return current === write;
    case 'text':
      return isScalar(current) && String(current) === write;
    case 'number':
      return isScalar(current) && numberFrom(String(current)) === write;
    case 'date':
      return typeof current === 'string' && current.slice(0, DAY_LENGTH) === write;
    case 'category':
      return isScalar(current) && sameOption(String(current), String(write), type.options);
    case 'multiple-choice':
      return sameMembers(current, write);
    case 'unwritable':
    case 'missing':
      return false;
  }
}

function toBoolean(value: ConsentValue): Conversion {
  if (typeof value === 'boolean') return { write: value };
  const text = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  if (text === 'true') return { write: true };
  if (text === 'false' || text === '') return { write: false };
  return { refused: 'is a boolean in Brevo, and the value is neither true nor false' };
}

function toNumber(value: ConsentValue): Conversion {
  if (typeof value === 'boolean') return { write: value ? 1 : 0 };
  if (typeof value === 'string' && value.trim() === '') return { write: '' };
  const number = numberFrom(String(value));
  return number === undefined
    ? { refused: 'is a number in Brevo, and the value is not one that it can hold' }
    : { write: number };
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function numberFrom(text: string): number | undefined {
  const trimmed = text.trim();
  const number = Number(trimmed);
  return NUMBER.test(trimmed) && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : undefined;
}

/** Brevo keeps the day alone (YYYY-MM-DD); the day is taken as written, in the zone of the writer. */
const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;
const DAY_LENGTH = 10;

function toDate(value: ConsentValue): Conversion {
  const text = String(value).trim();
  if (text === '') return { write: '' };
  const day = DATE_TIME.exec(text)?.[1];
  return day !== undefined && isCalendarDay(day)
    ? { write: day }
    : { refused: 'is a date in Brevo, and the value is not an ISO 8601 date' };
}

function isCalendarDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

function toCategory(text: string, options: readonly CategoryOption[]): Conversion {
  const wanted = text.trim();
  if (wanted === '') return { write: '' };
  const exact = options.filter((option) => option.id === wanted || option.label === wanted);
  const found = exact.length > 0 ? exact : options.filter((option) => namesOption(wanted, option));
  const [option] = found;
  if (option === undefined) {
    return { refused: `is a category in Brevo, and the value is none of its options (${list(options)})` };
  }
  if (found.length > 1)
    return { refused: 'is a category in Brevo, and the value names several of its options' };
  const byLabel = sameText(option.label, wanted);
  return { write: byLabel ? option.label : categoryId(option.id) };
}

function categoryId(id: string): string | number {
  return numberFrom(id) ?? id;
}

function namesOption(text: string, option: CategoryOption): boolean {
  return sameText(option.id, text) || sameText(option.label, text);
}

function sameOption(current: string, written: string, options: readonly CategoryOption[]): boolean {
  const option = options.find(({ id, label }) => label === written || id === written);
  return current === written || (option !== undefined && (current === option.id || current === option.label));
}

function toMultipleChoice(text: string, options: readonly string[]): Conversion {
  const whole = options.find((option) => option === text.trim());
  const wanted = whole === undefined ? splitAtCommas(text) : [whole];
  const known = new Set<string>();
  const unknown: string[] = [];
  for (const name of wanted) {
    const option = options.find((o) => o === name) ?? options.find((o) => sameText(o, name));
    if (option === undefined) unknown.push(name);
    else known.add(option);
  }
  if (unknown.length === 0) return { write: [...known] };
  const refused = `has no option ${quoteAll(unknown)} in Brevo: add it there, or map it with "write"`;
  // Written without them, options that the person took back are gone; with none known, everything would be.
  return known.size > 0 ? { write: [...known], refused } : { refused };
}

function splitAtCommas(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function sameMembers(current: unknown, write: BrevoValue): boolean {
  const members = Array.isArray(current) ? current.map(String) : splitAtCommas(String(current));
  const wanted = new Set(Array.isArray(write) ? write : [String(write)]);
  return new Set(members).size === wanted.size && members.every((member) => wanted.has(member));
}

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

function isScalar(value: unknown): value is ConsentValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

const MAX_QUOTED = 5;
const MAX_OPTION_LENGTH = 40;
const LOOKS_PERSONAL = /@|\d{6}/;

function list(options: readonly CategoryOption[]): string {
  return quoteAll(options.map((option) => option.label));
}

function quoteAll(names: readonly string[]): string {
  const quoted = names.slice(0, MAX_QUOTED).map(quote).join(', ');
  return names.length > MAX_QUOTED ? `${quoted}, …` : quoted;
}

function quote(name: string): string {
  const shown = name.length > MAX_OPTION_LENGTH ? `${name.slice(0, MAX_OPTION_LENGTH - 1)}…` : name;
  return LOOKS_PERSONAL.test(name) ? '"…"' : `"${shown}"`;
}

function suggestedType(value: ConsentValue): string {
  switch (typeof value) {
    case 'boolean':
      return 'a boolean attribute';
    case 'number':
      return 'a number attribute';
    default:
      return 'a text or multiple-choice attribute';
  }
}
