import { type Piece, PieceBuilder } from './piece';

const NEWLINE = 0x0a;

/** Cuts content into its lines, without their ends; a last line without an end is a line too. */
export async function* linesOf(content: AsyncIterable<Buffer>, firstLine = 1): AsyncGenerator<Piece> {
  const piece = new PieceBuilder();
  let line = firstLine;
  for await (const chunk of content) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      piece.add(chunk.subarray(from, end));
      yield piece.done(line);
      line += 1;
      from = end + 1;
    }
    piece.add(chunk.subarray(from));
  }
  if (!piece.isEmpty) yield piece.done(line);
}
