import { linesOf } from './lines';
import { NOT_UTF_8, type Piece, textOf } from './piece';
import { unpacked } from './unpack';

/** A line of text, or what is wrong with it. */
export type TextLine = {
  /** From 1. */
  readonly line: number;
} & ({ readonly text: string } | { readonly problem: string });

/**
 * The lines of a text file's content, which may be gzipped; without white space around them, blank ones left out.
 * Content that cannot be read to its end ends with a problem.
 */
export async function* textLinesOf(content: AsyncIterable<Buffer>): AsyncGenerator<TextLine> {
  let line = 1;
  try {
    for await (const piece of linesOf(unpacked(content))) {
      line = piece.line;
      const read = textLine(piece);
      if (!('text' in read) || read.text !== '') yield read;
    }
  } catch (error) {
    yield { line, problem: `the rest of the file cannot be read: ${(error as Error).message}` };
  }
}

function textLine(piece: Piece): TextLine {
  const { line } = piece;
  if ('problem' in piece) return { line, problem: piece.problem };
  const text = textOf(piece.bytes);
  return text === undefined ? { line, problem: NOT_UTF_8 } : { line, text: text.trim() };
}
