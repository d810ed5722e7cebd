import { ArrayScanner } from './array-scanner';
import { linesOf } from './lines';
import { isBlank, MAX_PIECE_BYTES, type Piece } from './piece';

const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

/**
 * Cuts content into what should be one JSON text each: the elements of an array that the content begins with, else its
 * lines; or all of it, where it is one document over several lines. Blank lines are left out.
 *
 * @param isWhole whether a piece is JSON by itself
 */
export async function* piecesOf(
  content: AsyncIterable<Buffer>,
  isWhole: (piece: Piece) => boolean,
): AsyncGenerator<Piece> {
  const chunks = content[Symbol.asyncIterator]();
  try {
    const start = await startOf(chunks);
    if (start.first === OPEN_BRACKET) yield* elementsFirst(rejoined(start.read, chunks));
    else yield* documentOrLines(meaningful(linesOf(rejoined(start.read, chunks))), isWhole);
  } finally {
    await chunks.return?.();
  }
}

interface Start {
  readonly read: readonly Buffer[];
  /** The first byte that says something. */
  readonly first: number | undefined;
}

/** Also a byte order mark says nothing. */
const SILENT: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf]);

async function startOf(chunks: AsyncIterator<Buffer>): Promise<Start> {
  const read: Buffer[] = [];
  let length = 0;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    read.push(next.value);
    const first = next.value.find((byte) => !SILENT.has(byte));
    length += next.value.length;
    if (first !== undefined || length > MAX_PIECE_BYTES) return { read, first };
  }
  return { read, first: undefined };
}

async function* rejoined(start: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* start;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* elementsFirst(content: AsyncGenerator<Buffer>): AsyncGenerator<Piece> {
  const scanner = new ArrayScanner();
  for (let next = await content.next(); !next.done; next = await content.next()) {
    const { pieces, rest } = scanner.scan(next.value);
    yield* pieces;
    if (rest) {
      const following = linesOf(rejoined([rest], content), scanner.line);
      return yield* meaningful(following);
    }
  }
  yield scanner.unfinished();
}

async function* meaningful(lines: AsyncGenerator<Piece>): AsyncGenerator<Piece> {
  for await (const line of lines) {
    if ('problem' in line || !isBlank(line.bytes)) yield line;
  }
}

/** Only content that begins with a line that is not whole can be a document over several lines. */
async function* documentOrLines(
  lines: AsyncGenerator<Piece>,
  isWhole: (piece: Piece) => boolean,
): AsyncGenerator<Piece> {
  const held: (Piece & { readonly bytes: Buffer })[] = [];
  let length = 0;
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const line = next.value;
    if ('problem' in line || (held.length === 0 && isWhole(line))) {
      yield* held;
      yield line;
      return yield* lines;
    }
    held.push(line);
    length += line.bytes.length;
    if (length > MAX_PIECE_BYTES) {
      yield* held;
      return yield* lines;
    }
  }
  const document = joined(held);
  const areLines =
    !(document && isWhole(document)) && held.some((line) => beginsObject(line) && isWhole(line));
  if (areLines) yield* held;
  else if (document) yield document;
}

/** Each line where it was in the file, so that places in the document can be told as places in the file. */
function joined(lines: readonly (Piece & { readonly bytes: Buffer })[]): Piece | undefined {
  const [first] = lines;
  if (!first) return undefined;
  const parts: Buffer[] = [];
  for (const [index, { line, bytes }] of lines.entries()) {
    const before = lines[index - 1];
    parts.push(Buffer.alloc(before ? line - before.line : 0, '\n'), bytes);
  }
  return { line: first.line, bytes: Buffer.concat(parts) };
}

/** What is part of a document over several lines is indented. */
function beginsObject({ bytes }: { readonly bytes: Buffer }): boolean {
  return bytes[0] === OPEN_BRACE;
}
