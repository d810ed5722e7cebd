import { errorPosition } from './json-position';
import { NOT_UTF_8, type Piece, textOf } from './piece';
import { piecesOf } from './pieces';
import { unpacked } from './unpack';

/** One JSON value of a file, or what is wrong where one should be. */
export type Element = {
  /** From 1. */
  readonly line: number;
} & ({ readonly value: unknown } | { readonly problem: string });

/**
 * The values in a file's content, which may be gzipped: NDJSON or a JSON array, each read bit by bit, however large it
 * is, or one JSON document. Arrays on a line count as their elements. Content that cannot be read to its end ends with
 * a problem.
 */
export async function* elementsOf(content: AsyncIterable<Buffer>): AsyncGenerator<Element> {
  let line = 1;
  try {
    for await (const piece of piecesOf(unpacked(content), (one) => 'value' in parsed(one))) {
      line = piece.line;
      yield* elementsOfPiece(piece);
    }
  } catch (error) {
    yield { line, problem: `the rest of the file cannot be read: ${(error as Error).message}` };
  }
}

function elementsOfPiece(piece: Piece): Element[] {
  const element = parsed(piece);
  if (!('value' in element) || !Array.isArray(element.value)) return [element];
  return element.value.map((value: unknown) => ({ line: piece.line, value }));
}

function parsed(piece: Piece): Element {
  if ('problem' in piece) return { line: piece.line, problem: piece.problem };
  const { line, bytes } = piece;
  const text = textOf(bytes);
  if (text === undefined) return { line, problem: NOT_UTF_8 };
  try {
    return { line, value: JSON.parse(text) };
  } catch {
    return notJson(text, piece);
  }
}

/** Told with where in the file it stops being JSON. */
function notJson(text: string, { line, column = 0 }: Piece): Element {
  const position = errorPosition(text);
  if (!position) return { line, problem: 'it is not JSON' };
  const at = position.line === 1 ? column + position.column : position.column;
  return { line: line + position.line - 1, problem: `it is not JSON from column ${at} on` };
}
