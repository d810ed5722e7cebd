import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Identifier } from '../consent/identifier';

/** Each holds a small part of a million contacts, so that one fits into memory whole. */
export const BUCKETS = 256;

/** Lines of JSON wait in memory up to this many characters in all, over all buckets. */
const BUFFERED = 8 * 1024 * 1024;

/** The bucket of a contact: the same in every set of buckets, so that two sets can be joined bucket by bucket. */
export function bucketOf({ kind, value }: Identifier): number {
  return createHash('sha256').update(`${kind}\0${value}`).digest().readUInt8(0);
}

/** How long each bucket is, in bytes: what was written up to here, and can be gone back to. */
export type Lengths = readonly number[];

/** Lines of JSON on disk, spread over files by contact. */
export class Buckets<T> {
  private readonly waiting = new Map<number, string[]>();
  private buffered = 0;

  /** @param folder made where it does not exist */
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  async add(bucket: number, line: T): Promise<void> {
    const text = `${JSON.stringify(line)}\n`;
    const lines = this.waiting.get(bucket);
    if (lines) lines.push(text);
    else this.waiting.set(bucket, [text]);
    this.buffered += text.length;
    if (this.buffered >= BUFFERED) await this.flush();
  }

  /** Everything added is on disk. @returns where to go back to */
  async flush(): Promise<Lengths> {
    for (const [bucket, lines] of this.waiting) await this.append(bucket, lines.join(''));
    this.waiting.clear();
    this.buffered = 0;
    return Promise.all(Array.from({ length: BUCKETS }, (_, bucket) => this.lengthOf(bucket)));
  }

  /** Forgets what was written later. */
  async goBackTo(lengths: Lengths): Promise<void> {
    this.waiting.clear();
    this.buffered = 0;
    for (const [bucket, length] of lengths.entries()) {
      const file = await open(this.pathOf(bucket), 'a', 0o600);
      await file.truncate(length).finally(() => file.close());
    }
  }

  /** The lines of one bucket that are on disk, in the order in which they were added. */
  async *read(bucket: number): AsyncGenerator<T> {
    if ((await this.lengthOf(bucket)) === 0) return;
    const lines = createInterface({ input: createReadStream(this.pathOf(bucket)), crlfDelay: Infinity });
    for await (const line of lines) yield JSON.parse(line) as T;
  }

  private async append(bucket: number, text: string): Promise<void> {
    const file = await open(this.pathOf(bucket), 'a', 0o600);
    await file.appendFile(text).finally(() => file.close());
  }

  private async lengthOf(bucket: number): Promise<number> {
    try {
      const file = await open(this.pathOf(bucket), 'r');
      const { size } = await file.stat().finally(() => file.close());
      return size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw error;
    }
  }

  private pathOf(bucket: number): string {
    return join(this.folder, `${bucket.toString(16).padStart(2, '0')}.ndjson`);
  }
}
