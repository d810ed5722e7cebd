import { visit } from 'jsonc-parser';
import { errorPosition } from '../../ingest/json-position';
import { contentOf } from './bytes';
import { type Line, linesOf } from './lines';

/** One message in a file, or what is wrong where one should be. */
export type Element = {
  /** From 1. */
  readonly line: number;
} & ({ readonly value: unknown } | { readonly problem: string });

/**
 * The messages of a file: NDJSON is read line by line, however large it is; a JSON document or array that spreads
 * over several lines is read as a whole. A file that cannot be read to its end ends with a problem.
 */
export async function* elementsOf(file: string): AsyncGenerator<Element> {
  let line = 1;
  try {
    for await (const element of read(file)) {
      line = element.line;
      yield element;
    }
  } catch (error) {
    yield { line, problem: `the rest of the file cannot be read: ${(error as Error).message}` };
  }
}

async function* read(file: string): AsyncGenerator<Element> {
  const lines = meaningful(linesOf(contentOf(file)));
  const first = await lines.next();
  if (first.done) return;
  if (isWhole(first.value)) {
    yield* elementsOfLine(first.value);
    for await (const line of lines) yield* elementsOfLine(line);
    return;
  }
  const all = [first.value];
  for await (const line of lines) all.push(line);
  yield* elementsOfAll(all);
}

/** Strict, so that a name is not altered without a word. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

async function* meaningful(lines: AsyncGenerator<Line>): AsyncGenerator<Line> {
  for await (const line of lines) {
    if (line.bytes.some((byte) => !WHITE_SPACE.has(byte))) yield line;
  }
}

const WHITE_SPACE: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20]);

function isWhole(line: Line): boolean {
  return 'value' in parsed(line);
}

function parsed({ number, bytes }: Line): Element {
  const text = textOf(bytes);
  if (text === undefined) return { line: number, problem: 'it is not UTF-8' };
  try {
    return { line: number, value: JSON.parse(text) };
  } catch {
    const position = errorPosition(text);
    const where = position ? ` from column ${position.column} on` : '';
    return { line: number, problem: `it is not JSON${where}` };
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return UTF_8.decode(bytes);
  } catch {
    return undefined;
  }
}

function elementsOfLine(line: Line): Element[] {
  const element = parsed(line);
  if (!('value' in element) || !Array.isArray(element.value)) return [element];
  return element.value.map((value: unknown) => ({ line: line.number, value }));
}

/** A document over several lines; or NDJSON whose first line is broken, when another one is whole by itself. */
function elementsOfAll(lines: readonly Line[]): Element[] {
  const text = decoded(lines);
  const document = text === undefined ? undefined : parsedDocument(text);
  if (text !== undefined && document) {
    if (!Array.isArray(document.value)) return [{ line: 1, value: document.value }];
    const starts = startLines(text);
    return document.value.map((value: unknown, index) => ({ line: starts[index] ?? 1, value }));
  }
  if (lines.some(isMessage)) return lines.flatMap(elementsOfLine);
  const position = text === undefined ? undefined : errorPosition(text);
  if (!position) return [{ line: 1, problem: 'the file is neither JSON nor lines of JSON in UTF-8' }];
  return [{ line: position.line, problem: `the file stops being JSON at column ${position.column}` }];
}

/** Each line where it was in the file, so that places in the text are places in the file. */
function decoded(lines: readonly Line[]): string | undefined {
  const placed: string[] = [];
  for (const { number, bytes } of lines) {
    const text = textOf(bytes);
    if (text === undefined) return undefined;
    placed[number - 1] = text;
  }
  return Array.from(placed, (line) => line ?? '').join('\n');
}

function parsedDocument(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function isMessage(line: Line): boolean {
  const element = parsed(line);
  if (!('value' in element)) return false;
  const { value } = element;
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** The line on which each element of an array begins. */
function startLines(text: string): number[] {
  const starts: number[] = [];
  let depth = 0;
  const begin = (_offset: number, _length: number, line: number) => {
    if (depth === 1) starts.push(line + 1);
    depth += 1;
  };
  const end = () => {
    depth -= 1;
  };
  const value = (_value: unknown, _offset: number, _length: number, line: number) => {
    if (depth === 1) starts.push(line + 1);
  };
  try {
    visit(text, {
      onObjectBegin: begin,
      onObjectEnd: end,
      onArrayBegin: begin,
      onArrayEnd: end,
      onLiteralValue: value,
    });
  } catch {
    // Nested too deeply for this reader: then the lines are not known.
  }
  return starts;
}
