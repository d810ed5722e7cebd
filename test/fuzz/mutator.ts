import type { Random } from '../oracle/random';
import { BYTES, DEEP, NUMBERS, TEXTS, VALUES } from './interesting';

/** Texts in quotes, numbers, words, white space, and single characters. */
const TOKEN = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?\d+(?:\.\d+)?|[A-Za-z]+|\s+|[\s\S]/g;
/** A member of an object that holds no other. */
const MEMBER = /"[^"\\]{0,60}"\s*:\s*(?:"[^"\\]{0,200}"|-?\d+|true|false|null)/g;

/** Longer inputs are changed in their bytes only: to find the words in them takes too long. */
const MAX_TOKENISED = 16_384;
const MAX_GROWN = 262_144;

type Change = (input: Buffer) => Buffer;

/** Changes inputs a little, or a lot, and the same way for the same seed. */
export class Mutator {
  /** The likelier ones are there more than once. */
  private readonly changes: readonly [Change, ...Change[]];

  /**
   * @param words that mean something to the parser
   * @param pool what parts are taken from; may grow
   */
  constructor(
    private readonly random: Random,
    private readonly words: readonly string[],
    private readonly pool: readonly Buffer[],
  ) {
    const token: Change = (input) => this.changeToken(input);
    this.changes = [
      token,
      token,
      token,
      token,
      (input) => this.moveTokens(input),
      (input) => this.repeatMember(input),
      (input) => this.repeatMember(input),
      (input) => this.changeByte(input),
      (input) => this.changeByte(input),
      (input) => this.insert(input, this.random.pick(BYTES as [Buffer, ...Buffer[]])),
      (input) => this.insert(input, Buffer.from(this.word())),
      (input) => this.cut(input),
      (input) => input.subarray(0, this.place(input)),
      (input) => this.join(input),
    ];
  }

  mutated(input: Buffer): Buffer {
    if (this.random.chance(0.0004)) return this.grown(input);
    let changed = input;
    // Mostly one or two: what is wrong all over is refused at once.
    do changed = this.random.pick(this.changes)(changed);
    while (this.random.chance(0.35));
    return changed;
  }

  private changeToken(input: Buffer): Buffer {
    const tokens = this.tokensOf(input);
    if (tokens === undefined) return this.changeByte(input);
    const at = this.random.integer(0, tokens.length - 1);
    tokens[at] = this.random.chance(0.1) ? '' : this.instead(tokens[at] ?? '');
    return Buffer.from(tokens.join(''));
  }

  /** Takes some tokens out, and puts them, or a copy, elsewhere. */
  private moveTokens(input: Buffer): Buffer {
    const tokens = this.tokensOf(input);
    if (tokens === undefined) return this.cut(input);
    const from = this.random.integer(0, tokens.length - 1);
    const some = tokens.slice(from, from + this.random.integer(1, 12));
    if (this.random.chance(0.4)) tokens.splice(from, some.length);
    tokens.splice(this.random.integer(0, tokens.length), 0, ...some);
    return Buffer.from(tokens.join(''));
  }

  /** Writes a key a second time, with another value, before or after it. */
  private repeatMember(input: Buffer): Buffer {
    if (input.length > MAX_TOKENISED) return this.cut(input);
    const text = input.toString();
    const members = [...text.matchAll(MEMBER)];
    const [first] = members;
    if (first === undefined) return this.changeToken(input);
    const { 0: member, index } = this.random.pick([first, ...members]);
    const name = this.random.chance(0.5) ? (/^"[^"]*"/.exec(member)?.[0] ?? '""') : this.quoted(this.word());
    const again = `${name}:${this.value()}`;
    const end = index + member.length;
    return Buffer.from(
      this.random.chance(0.5)
        ? `${text.slice(0, index)}${again},${text.slice(index)}`
        : `${text.slice(0, end)},${again}${text.slice(end)}`,
    );
  }

  private changeByte(input: Buffer): Buffer {
    if (input.length === 0) return Buffer.from(this.word());
    const changed = Buffer.from(input);
    const at = this.random.integer(0, input.length - 1);
    changed[at] = this.random.chance(0.5)
      ? (changed[at] ?? 0) ^ (1 << this.random.integer(0, 7))
      : this.random.integer(0, 255);
    return changed;
  }

  private insert(input: Buffer, bytes: Buffer): Buffer {
    const at = this.place(input);
    return Buffer.concat([input.subarray(0, at), bytes, input.subarray(at)]);
  }

  private cut(input: Buffer): Buffer {
    const at = this.place(input);
    return Buffer.concat([input.subarray(0, at), input.subarray(at + this.random.integer(1, 16))]);
  }

  /** The beginning of one, and the end of another. */
  private join(input: Buffer): Buffer {
    const other = this.pool[this.random.integer(0, this.pool.length - 1)] ?? input;
    return Buffer.concat([input.subarray(0, this.place(input)), other.subarray(this.place(other))]);
  }

  /** A part of it many times over: what takes more than its length is seen in that. */
  private grown(input: Buffer): Buffer {
    const from = this.place(input);
    const part = input.subarray(from, from + this.random.integer(1, 80));
    if (part.length === 0) return Buffer.alloc(this.random.integer(1, MAX_GROWN), this.word());
    const times = Math.floor(this.random.integer(1_000, MAX_GROWN) / part.length);
    const many = Buffer.alloc(part.length * times, part);
    return Buffer.concat([input.subarray(0, from), many, input.subarray(from)]);
  }

  private tokensOf(input: Buffer): string[] | undefined {
    if (input.length > MAX_TOKENISED) return undefined;
    return input.toString().match(TOKEN) ?? undefined;
  }

  /** What stands in the place of a token, mostly of its kind. */
  private instead(token: string): string {
    if (this.random.chance(0.2)) return this.random.chance(0.5) ? this.value() : this.word();
    if (token.startsWith('"')) return this.quoted(this.word());
    if (/^-?\d/.test(token)) return this.number();
    if (/^[A-Za-z]/.test(token)) return this.random.chance(0.5) ? this.value() : this.word();
    return this.random.pick([
      '',
      ',',
      ':',
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      '\n',
      '\r',
      ';',
      '.',
      '=',
      '&',
      '%',
    ]);
  }

  private number(): string {
    if (this.random.chance(0.5)) return String(this.random.integer(-10, 1_000));
    return this.random.pick(NUMBERS as [string, ...string[]]);
  }

  private value(): string {
    if (this.random.chance(0.02)) return this.random.pick(DEEP as [string, ...string[]]);
    if (this.random.chance(0.4)) return this.quoted(this.word());
    return this.random.chance(0.3) ? this.number() : this.random.pick(VALUES as [string, ...string[]]);
  }

  private word(): string {
    if (this.random.chance(0.004)) return 'a'.repeat(this.random.integer(100, 20_000));
    const known = this.words.length > 0 && this.random.chance(0.5) ? this.words : TEXTS;
    return this.random.pick(known as [string, ...string[]]);
  }

  private quoted(text: string): string {
    return JSON.stringify(text);
  }

  private place(input: Buffer): number {
    return this.random.integer(0, input.length);
  }
}
