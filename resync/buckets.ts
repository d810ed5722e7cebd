import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Identifier } from '../consent/identifier';
import type { FileSeal } from '../encryption/sealed-file';
import { LineFile, textOf } from './line-file';

/** Each holds a small part of a million contacts, so that one fits into memory whole. */
export const BUCKETS = 256;

/** Lines of JSON wait in memory up to this many characters in all, over all buckets. */
const BUFFERED = 8 * 1024 * 1024;

/** The bucket of a contact: the same in every set of buckets, so that two sets can be joined bucket by bucket. */
export function bucketOf({ kind, value }: Identifier): number {
  return createHash('sha256').update(`${kind}\0${value}`).digest().readUInt8(0);
}

/** Of a bucket's file. */
export function bucketName(bucket: number): string {
  return `${bucket.toString(16).padStart(2, '0')}.ndjson`;
}

/** How long each bucket is, in bytes: what was written up to here, and can be gone back to. */
export type Lengths = readonly number[];

/** Lines of JSON on disk, spread over files by contact. */
export class Buckets<T> {
  private readonly files: readonly LineFile<T>[];
  private readonly waiting = new Map<LineFile<T>, string[]>();
  private buffered = 0;

  /** @param folder made where it does not exist @param seal encrypts the files; absent: they are written as they are */
  constructor(folder: string, seal?: FileSeal) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.files = Array.from(
      { length: BUCKETS },
      (_, bucket) => new LineFile<T>(join(folder, bucketName(bucket)), seal),
    );
  }

  async add(bucket: number, line: T): Promise<void> {
    const file = this.fileOf(bucket);
    const text = textOf(line);
    const lines = this.waiting.get(file);
    if (lines) lines.push(text);
    else this.waiting.set(file, [text]);
    this.buffered += text.length;
    if (this.buffered >= BUFFERED) await this.flush();
  }

  /** Everything added is on disk. @returns where to go back to */
  async flush(): Promise<Lengths> {
    for (const [file, lines] of this.waiting) await file.appendText(lines.join(''));
    this.forgetWaiting();
    return this.files.map(({ length }) => length);
  }

  /**
   * Forgets what was written later.
   *
   * @param lengths of all buckets; none = everything is forgotten
   * @throws Error when a bucket is shorter than that
   */
  async goBackTo(lengths: Lengths): Promise<void> {
    this.forgetWaiting();
    for (const [bucket, file] of this.files.entries()) await file.goBackTo(lengths[bucket] ?? 0);
  }

  /** The lines of one bucket that are on disk, in the order in which they were added. */
  read(bucket: number): AsyncGenerator<T> {
    return this.fileOf(bucket).read();
  }

  private forgetWaiting(): void {
    this.waiting.clear();
    this.buffered = 0;
  }

  private fileOf(bucket: number): LineFile<T> {
    const file = this.files[bucket];
    if (!file) throw new RangeError(`there is no bucket ${bucket}`);
    return file;
  }
}
