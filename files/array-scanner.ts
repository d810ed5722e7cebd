import { type Piece, PieceBuilder } from './piece';

const [NEWLINE, QUOTE, COMMA, BACKSLASH] = [0x0a, 0x22, 0x2c, 0x5c];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
/** Space and what comes before it: nothing of JSON begins with these. */
const SPACE = 0x20;

/** Cuts a JSON array into its elements while it comes in, so that the array need not fit into memory. */
export class ArrayScanner {
  private readonly piece = new PieceBuilder();
  private depth = 0;
  private inText = false;
  private escaped = false;
  private elements = 0;
  /** Of the file. */
  private currentLine = 1;
  /** Bytes of that line which came with earlier chunks. */
  private earlierOnLine = 0;
  /** Where the element begins; undefined while only white space came. */
  private start: { readonly line: number; readonly column: number } | undefined;

  /** Where in the file the scanner is, from 1. */
  get line(): number {
    return this.currentLine;
  }

  /**
   * @param chunk the next part of the content, nothing but the opening bracket counts at first
   * @returns the elements that end in it; what follows the array, once that has ended
   */
  scan(chunk: Buffer): { readonly pieces: Piece[]; readonly rest?: Buffer } {
    const pieces: Piece[] = [];
    let from = 0;
    let lineStart = -this.earlierOnLine;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index] ?? 0;
      if (byte === NEWLINE) {
        this.currentLine += 1;
        lineStart = index + 1;
      }
      if (this.depth === 0) {
        if (byte !== OPEN_BRACKET) continue;
        this.depth = 1;
        from = index + 1;
      } else if (this.isBoundary(byte)) {
        if (this.start) this.piece.add(chunk.subarray(from, index));
        from = index + 1;
        const ends = byte === CLOSE_BRACKET;
        const start = this.start ?? { line: this.currentLine, column: index - lineStart };
        if (!(ends && this.isEmptyArray())) pieces.push(this.piece.done(start.line, start.column));
        this.elements += 1;
        this.start = undefined;
        if (ends) return { pieces, rest: chunk.subarray(from) };
      } else if (byte > SPACE) {
        if (!this.start) {
          this.start = { line: this.currentLine, column: index - lineStart };
          from = index;
        }
        this.follow(byte);
      }
    }
    if (this.start) this.piece.add(chunk.subarray(from));
    this.earlierOnLine = chunk.length - lineStart;
    return { pieces };
  }

  /** What is told of an array that does not end. */
  unfinished(): Piece {
    return {
      line: this.start?.line ?? this.currentLine,
      problem: 'the file ends before its JSON array does',
    };
  }

  private isBoundary(byte: number): boolean {
    return !this.inText && this.depth === 1 && (byte === COMMA || byte === CLOSE_BRACKET);
  }

  private isEmptyArray(): boolean {
    return this.elements === 0 && !this.start;
  }

  private follow(byte: number): void {
    if (this.inText) {
      if (this.escaped) this.escaped = false;
      else if (byte === BACKSLASH) this.escaped = true;
      else if (byte === QUOTE) this.inText = false;
    } else if (byte === QUOTE) this.inText = true;
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) this.depth += 1;
    else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) this.depth = Math.max(this.depth - 1, 1);
  }
}
