import { createReadStream, statSync } from 'node:fs';
import { open, truncate } from 'node:fs/promises';
import { linesOf } from '../files/lines';

/** Lines of JSON in a file that is for its owner only, with places in it to go back to. */
export class LineFile<T> {
  private written: number;

  constructor(private readonly path: string) {
    this.written = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** In bytes. */
  get length(): number {
    return this.written;
  }

  async append(lines: readonly T[]): Promise<void> {
    if (lines.length > 0) await this.appendText(lines.map(textOf).join(''));
  }

  /** @param text lines as {@link textOf} writes them */
  async appendText(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const file = await open(this.path, 'a', 0o600);
    await file.appendFile(bytes).finally(() => file.close());
    this.written += bytes.length;
  }

  /**
   * Forgets what was written later.
   *
   * @param length in bytes
   * @throws Error when that much is not there: what was written has been lost
   */
  async goBackTo(length: number): Promise<void> {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size < length) throw new Error(`${this.path} has lost what was written: begin anew`);
    if (size > length) await truncate(this.path, length);
    this.written = length;
  }

  /** In the order in which they were added. */
  async *read(): AsyncGenerator<T> {
    if (this.written === 0) return;
    for await (const line of linesOf(createReadStream(this.path))) {
      if ('problem' in line) throw new Error(`${this.path}:${line.line}: ${line.problem}`);
      yield JSON.parse(line.bytes.toString('utf8')) as T;
    }
  }
}

/** A line of JSON, with its end. */
export function textOf(line: unknown): string {
  return `${JSON.stringify(line)}\n`;
}

/** A line of a file, with where the next one begins. */
export interface Line<T> {
  readonly value: T;
  /** Bytes from the beginning of the file. */
  readonly end: number;
}

const NEW_LINE = 0x0a;

/**
 * The whole lines that a file holds by now, from a place in it on: one that is still being written is left out.
 *
 * @param from bytes
 */
export async function* linesFrom<T>(path: string, from: number): AsyncGenerator<Line<T>> {
  let rest = Buffer.alloc(0);
  let end = from;
  for await (const chunk of createReadStream(path, { start: from })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (let at = rest.indexOf(NEW_LINE); at >= 0; at = rest.indexOf(NEW_LINE)) {
      end += at + 1;
      yield { value: JSON.parse(rest.subarray(0, at).toString('utf8')) as T, end };
      rest = rest.subarray(at + 1);
    }
  }
}
