import type { ConsentValue, Seconds } from './statement';

/** The characters that keep a ledger's parts apart; in a text they are escaped. */
export const ITEM_END = ';';
export const FIELD_END = ',';
export const PART_END = '.';

/** Longer texts stand once in a ledger, however many entries name them. */
export class TextTable {
  private readonly keys = new Map<string, string>();

  /** The key that stands for a text. */
  keyOf(text: string): string {
    const known = this.keys.get(text);
    if (known !== undefined) return known;
    const key = this.keys.size.toString(36);
    this.keys.set(text, key);
    return key;
  }

  items(): string[] {
    return [...this.keys].map(([text, key]) => `=${key}:${escapeText(text)}`);
  }
}

const TABLE_ITEM = /^=[0-9a-z]+:/;

/** The texts of a ledger by their keys; undefined for what is no text. */
export function readTable(items: readonly string[]): ReadonlyMap<string, string | undefined> {
  return new Map(
    items
      .filter((item) => TABLE_ITEM.test(item))
      .map((item) => {
        const keyEnd = item.indexOf(':');
        return [item.slice(1, keyEnd), readEscaped(item.slice(keyEnd + 1))];
      }),
  );
}

export function valueText(value: ConsentValue, table: TextTable): string {
  if (value === true) return 't';
  if (value === false) return 'f';
  if (value === '') return 'e';
  return typeof value === 'number' ? `n${table.keyOf(String(value))}` : `s${table.keyOf(value)}`;
}

export function readValue(
  text: string,
  table: ReadonlyMap<string, string | undefined>,
): ConsentValue | undefined {
  if (text === 't') return true;
  if (text === 'f') return false;
  if (text === 'e') return '';
  const meant = table.get(text.slice(1));
  if (text.startsWith('s')) return meant;
  const number = Number(meant);
  return text.startsWith('n') && meant !== '' && Number.isFinite(number) ? number : undefined;
}

export function timeText(time: Seconds): string {
  return time.toString(36);
}

const TIME = /^-?[0-9a-z]{1,10}$/;

/** @returns undefined for what is no time, and for one that lies ahead: nobody can have chosen then */
export function readTime(text: string | undefined, latest: Seconds): Seconds | undefined {
  const digits = text ?? '';
  if (!TIME.test(digits)) return undefined;
  const time = Number.parseInt(digits, 36);
  return time <= latest ? time : undefined;
}

/** Nothing that Brevo, a form field or a CSV export could take for something else. */
function escapeText(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[.!'()*]/g, hexEscape);
}

function hexEscape(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function readEscaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
