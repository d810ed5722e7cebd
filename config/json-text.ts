import {
  findNodeAtLocation,
  type Node,
  type ParseErrorCode,
  parseTree,
  printParseErrorCode,
  visit,
} from 'jsonc-parser';
import type { Finding, Problem } from './problem';
import { MAX_DEPTH, pathText } from './tree';

interface Position {
  /** Both 1-based. */
  readonly line: number;
  readonly column: number;
}

/** A JSON text that could be read: its value, and where each part of it stands. */
export interface JsonDocument {
  readonly value: unknown;
  /** Keys written twice in one object: JSON would silently take the last. */
  readonly duplicates: readonly Problem[];
  /** The place of a finding; for something that is missing, the place of what should hold it. */
  locate(finding: Pick<Finding, 'path' | 'at'>): Position;
}

/**
 * Reads strict JSON: comments and trailing commas are errors too. An error message never repeats the text,
 * which may hold secrets.
 */
export function readJson(text: string): JsonDocument | { readonly error: Problem } {
  const lines = new Lines(text);
  const scan = scanText(text, lines);
  if (scan.error !== undefined) return { error: scan.error };
  const root = parseTree(text, [], STRICT);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { error: { path: '', message: 'is not valid JSON', fix: 'Check it with any JSON validator.' } };
  }
  return {
    value,
    duplicates: scan.duplicates,
    locate: (finding) => lines.at(root === undefined ? 0 : offsetOf(root, finding)),
  };
}

const STRICT = { disallowComments: true, allowTrailingComma: false };

/** Ends the scan; jsonc-parser recurses, so depth must be refused before it has gone down. */
class TooDeep extends Error {
  constructor(readonly offset: number) {
    super('too deep');
  }
}

interface Scan {
  error?: Problem;
  readonly duplicates: Problem[];
}

function scanText(text: string, lines: Lines): Scan {
  const scan: Scan = { duplicates: [] };
  const keys: Set<string>[] = [];
  let depth = 0;
  let lastComma = 0;
  const enter = (offset: number) => {
    depth += 1;
    if (depth > MAX_DEPTH) throw new TooDeep(offset);
  };
  try {
    visit(
      text,
      {
        onObjectBegin: (offset) => {
          enter(offset);
          keys.push(new Set());
        },
        onObjectEnd: () => {
          depth -= 1;
          keys.pop();
        },
        onArrayBegin: enter,
        onArrayEnd: () => {
          depth -= 1;
        },
        onSeparator: (character, offset) => {
          if (character === ',') lastComma = offset;
        },
        onObjectProperty: (key, offset, _length, _line, _character, enclosing) => {
          const seen = keys.at(-1);
          if (seen?.has(key)) {
            scan.duplicates.push({
              path: pathText([...enclosing(), key]),
              ...lines.at(offset),
              message: 'is written twice in the same object',
              fix: 'Keep one of the two.',
            });
          }
          seen?.add(key);
        },
        onError: (code, offset) => {
          scan.error ??= syntaxProblem(text, lines, code, offset, lastComma);
        },
      },
      STRICT,
    );
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    scan.error ??= {
      path: '',
      ...lines.at(error.offset),
      message: `is nested more than ${MAX_DEPTH} levels deep`,
      fix: 'A configuration needs no more than a handful.',
    };
  }
  return scan;
}

function syntaxProblem(
  text: string,
  lines: Lines,
  code: ParseErrorCode,
  offset: number,
  lastComma: number,
): Problem {
  if (text.trim() === '')
    return { path: '', line: 1, column: 1, message: 'is empty; it must hold a JSON object' };
  const afterComma = text.startsWith(',', lastComma) && text.slice(lastComma + 1, offset).trim() === '';
  const trailingComma = afterComma && /^[}\]]/.test(text.slice(offset, offset + 1));
  const reason = trailingComma
    ? 'a comma before a closing bracket is not allowed'
    : (SYNTAX_REASONS[printParseErrorCode(code)] ?? 'this cannot be read');
  return {
    path: '',
    ...lines.at(trailingComma ? lastComma : offset),
    message: `is not valid JSON: ${reason}`,
  };
}

const SYNTAX_REASONS: Partial<Record<ReturnType<typeof printParseErrorCode>, string>> = {
  InvalidSymbol: 'this is neither text in double quotes nor a number, true, false or null',
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected: 'a key in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  ColonExpected: 'a colon is expected here',
  CommaExpected: 'a comma is missing before this',
  CloseBraceExpected: 'a closing } is missing',
  CloseBracketExpected: 'a closing ] is missing',
  EndOfFileExpected: 'nothing may follow the closing bracket',
  InvalidCommentToken: 'comments are not allowed',
  UnexpectedEndOfComment: 'comments are not allowed',
  UnexpectedEndOfString: 'this text has no closing double quote on its line',
  UnexpectedEndOfNumber: 'this number is not complete',
  InvalidUnicode: 'this text holds a \\u escape without four hexadecimal digits',
  InvalidEscapeCharacter: 'this text holds a backslash escape that JSON does not have',
  InvalidCharacter: 'this text holds a control character, such as a tab; write it as an escape',
};

function offsetOf(root: Node, { path, at }: Pick<Finding, 'path' | 'at'>): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(root, [...path.slice(0, length)]);
    if (node === undefined) continue;
    const property = node.parent?.type === 'property' ? node.parent : undefined;
    return at === 'key' && length === path.length ? (property ?? node).offset : node.offset;
  }
  return root.offset;
}

/** Where lines begin, found once a text: a file may hold thousands of mistakes. */
class Lines {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    for (const { 0: end, index } of text.matchAll(/\r\n|\r|\n/g)) this.starts.push(index + end.length);
  }

  at(offset: number): Position {
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.starts[low] ?? 0) + 1 };
  }
}
