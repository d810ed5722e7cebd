import { visit } from 'jsonc-parser';

/** Both from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** jsonc-parser recurses: below this depth it is not followed. */
const MAX_DEPTH = 500;

class Found extends Error {
  constructor(readonly position: Position | undefined) {
    super('found');
  }
}

/** Where a text stops being JSON; undefined where that cannot be told. Repeats nothing of the text. */
export function errorPosition(text: string): Position | undefined {
  let depth = 0;
  const enter = () => {
    depth += 1;
    if (depth > MAX_DEPTH) throw new Found(undefined);
  };
  const leave = () => {
    depth -= 1;
  };
  try {
    visit(
      text,
      {
        onObjectBegin: enter,
        onObjectEnd: leave,
        onArrayBegin: enter,
        onArrayEnd: leave,
        onError: (_code, _offset, _length, line, character) => {
          throw new Found({ line: line + 1, column: character + 1 });
        },
      },
      { disallowComments: true },
    );
  } catch (error) {
    if (error instanceof Found) return error.position;
    throw error;
  }
  return undefined;
}
