/** A part of a file that should be one JSON text. Cut out, and not yet read. */
export type Piece = {
  /** On which it begins, from 1. */
  readonly line: number;
  /** Bytes before it on that line, where it does not begin the line. */
  readonly column?: number;
} & ({ readonly bytes: Buffer } | { readonly problem: string });

/** A longer piece is no record of anybody's: it is passed over, and never held in memory. */
export const MAX_PIECE_BYTES = 16 * 1024 * 1024;

export const TOO_LONG = `it is longer than ${MAX_PIECE_BYTES / 1024 / 1024} MB`;

export const NOT_UTF_8 = 'it is not UTF-8';

/** Strict, so that a name is not altered without a word. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** Undefined when it is not UTF-8. */
export function textOf(bytes: Buffer): string | undefined {
  try {
    return UTF_8.decode(bytes);
  } catch {
    return undefined;
  }
}

const WHITE_SPACE: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20]);

export function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => WHITE_SPACE.has(byte));
}

/** The bytes of a piece while they come in; of one that is too long nothing. */
export class PieceBuilder {
  private parts: Buffer[] = [];
  private length = 0;

  add(part: Buffer): void {
    this.length += part.length;
    if (this.length > MAX_PIECE_BYTES) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** The piece; the next one begins. */
  done(line: number, column = 0): Piece {
    const { parts, length } = this;
    this.parts = [];
    this.length = 0;
    if (length > MAX_PIECE_BYTES) return { line, column, problem: TOO_LONG };
    const [only] = parts;
    return { line, column, bytes: only && parts.length === 1 ? only : Buffer.concat(parts) };
  }
}
