import { randomBytes } from 'node:crypto';

/** Letters alone: nothing cuts them apart, and nothing hides them because they look like a number. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz';
const LENGTH = 16;

/** A text that is found nowhere else, in upper and lower case. */
export function marker(): string {
  return Array.from(randomBytes(LENGTH), (byte, index) => {
    const letter = LETTERS[byte % LETTERS.length] ?? 'x';
    return index % 5 === 0 ? letter.toUpperCase() : letter;
  }).join('');
}

/** Digits, as in a telephone number. */
export function numberMarker(digits: number): string {
  return Array.from(randomBytes(digits), (byte) => String(byte % 10)).join('');
}

/** In which a text may be written. */
export type Spelling = 'as it is' | 'base64' | 'hexadecimal' | 'percent-encoded' | 'escaped in JSON';

/** Looks for markers in whatever way they may be written: upper or lower case, encoded, as a part of something. */
export class MarkerSearch {
  private readonly sought: readonly {
    readonly name: string;
    readonly spelling: Spelling;
    readonly text: string;
  }[];
  private readonly exact: typeof this.sought;

  /** @param markers by what they stand for */
  constructor(markers: Readonly<Record<string, string>>) {
    const all = Object.entries(markers);
    this.sought = all.flatMap(([name, text]) =>
      Object.entries(foldedSpellings(text)).map(([spelling, one]) => ({
        name,
        spelling: spelling as Spelling,
        text: one,
      })),
    );
    this.exact = all.flatMap(([name, text]) =>
      [text, text.toLowerCase(), text.toUpperCase()]
        .flatMap(base64Parts)
        .map((part) => ({ name, spelling: 'base64' as const, text: part })),
    );
  }

  /** Names of the markers that stand in a text, each once, with how it is written. */
  find(text: string): { readonly name: string; readonly spelling: Spelling; readonly at: number }[] {
    const folded = text.toLowerCase();
    const found = new Map<string, { name: string; spelling: Spelling; at: number }>();
    for (const [where, sought] of [
      [folded, this.sought],
      [text, this.exact],
    ] as const) {
      for (const one of sought) {
        const at = found.has(one.name) ? -1 : where.indexOf(one.text);
        if (at >= 0) found.set(one.name, { name: one.name, spelling: one.spelling, at });
      }
    }
    return [...found.values()];
  }
}

/** In lower case. */
function foldedSpellings(text: string): Record<Exclude<Spelling, 'base64'>, string> {
  const lower = text.toLowerCase();
  const bytes = [...Buffer.from(text)];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return {
    'as it is': lower,
    hexadecimal: hex.join(''),
    'percent-encoded': hex.map((one) => `%${one}`).join(''),
    'escaped in JSON': units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join(''),
  };
}

/** What base64 of any text that holds this one holds, however many bytes come before it. */
function base64Parts(text: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString('base64');
    // What the bytes around it change is left out.
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor(((before + Buffer.byteLength(text)) * 8) / 6);
    const part = encoded.slice(from, to);
    return [part, part.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
