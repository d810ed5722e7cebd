import { statSync } from 'node:fs';
import { open, truncate } from 'node:fs/promises';
import { type FileSeal, isSealed, notSealed, withoutKeys } from '../encryption/sealed-file';
import { linesOf } from '../files/lines';
import { textFrom } from './work-file';

/** A file is shorter than it was, as after a power cut: no repetition brings back what it held. */
export class LostWorkError extends Error {
  override readonly name = 'LostWorkError';

  constructor(path: string) {
    super(`${path} has lost what was written: begin anew`);
  }
}

/** Lines of JSON in a file that is for its owner only, with places in it to go back to. */
export class LineFile<T> {
  private written: number;
  /** What the file holds is as `seal` says. */
  private isChecked = false;

  /** @param seal encrypts the file; absent: it is written as it is */
  constructor(
    private readonly path: string,
    private readonly seal?: FileSeal,
  ) {
    this.written = this.size;
  }

  /** In bytes, as the file lies on disk. */
  get length(): number {
    return this.written;
  }

  async append(lines: readonly T[]): Promise<void> {
    if (lines.length > 0) await this.appendText(lines.map(textOf).join(''));
  }

  /** @param text lines as {@link textOf} writes them */
  async appendText(text: string): Promise<void> {
    await this.check();
    const written = Buffer.from(text);
    const bytes = this.seal ? this.seal.sealed(this.path, written, this.written) : written;
    const file = await open(this.path, 'a', 0o600);
    await file.appendFile(bytes).finally(() => file.close());
    this.written += bytes.length;
  }

  /**
   * Forgets what was written later.
   *
   * @param length in bytes
   * @throws LostWorkError when that much is not there
   */
  async goBackTo(length: number): Promise<void> {
    this.mustHold(length);
    if (this.size > length) await truncate(this.path, length);
    this.written = length;
  }

  /** @param length in bytes @throws LostWorkError when that much is not there */
  mustHold(length: number): void {
    if (this.size < length) throw new LostWorkError(this.path);
  }

  private get size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** In the order in which they were added. */
  async *read(): AsyncGenerator<T> {
    if (this.written === 0) return;
    for await (const line of linesOf(textFrom(this.path, this.seal))) {
      if ('problem' in line) throw new Error(`${this.path}:${line.line}: ${line.problem}`);
      if (!isBlank(line.bytes)) yield JSON.parse(line.bytes.toString('utf8')) as T;
    }
  }

  /** A file is encrypted from its beginning to its end, or not at all. @throws DecryptionError */
  private async check(): Promise<void> {
    if (this.isChecked) return;
    const sealed = await isSealed(this.path);
    if (sealed === false && this.seal) throw notSealed(this.path);
    if (sealed && !this.seal) throw withoutKeys(this.path);
    this.isChecked = true;
  }
}

/** A line that was taken out of a file is filled with it, so that all others keep their places. */
export const BLANK = 0x20;

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === BLANK);
}

/** A line of JSON, with its end. */
export function textOf(line: unknown): string {
  return `${JSON.stringify(line)}\n`;
}

/** A line of a file, with where the next one begins. */
export interface Line<T> {
  readonly value: T;
  /** As {@link Line.end}: where it begins. */
  readonly start: number;
  /** Bytes of text from the beginning of the file, as they are before they are encrypted. */
  readonly end: number;
}

const NEW_LINE = 0x0a;

/**
 * The whole lines that a file holds by now, but those that are blank, from a place in it on: one that is still being written is left out.
 *
 * @param from bytes, as {@link Line.end} has it
 * @param seal absent: the file is not encrypted
 */
export async function* linesFrom<T>(path: string, from: number, seal?: FileSeal): AsyncGenerator<Line<T>> {
  let rest = Buffer.alloc(0);
  let end = from;
  for await (const chunk of textFrom(path, seal, { from, isGrowing: true })) {
    rest = Buffer.concat([rest, chunk]);
    for (let at = rest.indexOf(NEW_LINE); at >= 0; at = rest.indexOf(NEW_LINE)) {
      const line = rest.subarray(0, at);
      const start = end;
      end += at + 1;
      if (!isBlank(line)) yield { value: JSON.parse(line.toString('utf8')) as T, start, end };
      rest = rest.subarray(at + 1);
    }
  }
}
