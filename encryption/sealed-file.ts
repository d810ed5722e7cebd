import { statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import type { EncryptionSettings } from '../config';
import { DecryptionError } from './errors';
import { KeyRing, SEAL_BYTES } from './key-ring';

/**
 * A sealed file is a row of blocks, each encrypted for itself, so that it can be appended to, cut between two blocks,
 * and read from a place in it:
 *
 *     4 bytes  \0CSE, which no text begins with
 *     1 byte   version
 *     1 byte   length of the key's id, then that id
 *     4 bytes  length of the text, big-endian
 *     nonce, encrypted text, tag
 *
 * A block can only be opened at its place in its file: what is encrypted along binds it to folder, name and offset.
 */
const MAGIC = Buffer.from('\0CSE');
const VERSION = 1;
const FIXED_BYTES = MAGIC.length + 2;
const LENGTH_BYTES = 4;
const MAX_ID_BYTES = 64;
const MAX_HEADER_BYTES = FIXED_BYTES + MAX_ID_BYTES + LENGTH_BYTES;

/** A block is opened whole, in memory. */
const MAX_TEXT_BYTES = 256 * 1024;
const READ_AT_ONCE = 512 * 1024;

export interface Reading {
  /** Bytes of text. */
  readonly from?: number;
  /** A block at the end that is not whole is left out: it is being written, or was when a process died. */
  readonly isGrowing?: boolean;
}

/** Encrypts the files of one folder. */
export class FileSeal {
  private readonly ring: KeyRing;

  /** @param folder its own name counts, and not where it lies */
  constructor(
    settings: Pick<EncryptionSettings, 'keys'>,
    private readonly folder: string,
  ) {
    this.ring = new KeyRing(settings, 'work file');
  }

  /** What to append to a file so that it holds the text. @param offset length of the file before, in bytes */
  sealed(path: string, text: Buffer, offset: number): Buffer {
    const blocks: Buffer[] = [];
    let at = offset;
    for (let from = 0; from < text.length; from += MAX_TEXT_BYTES) {
      const part = text.subarray(from, from + MAX_TEXT_BYTES);
      const header = headerOf(this.ring.currentId, part.length);
      const body = this.ring.seal(part, this.context(path, header, at));
      blocks.push(header, body);
      at += header.length + body.length;
    }
    return Buffer.concat(blocks);
  }

  /**
   * The text of a file from a place in it on.
   *
   * @throws DecryptionError also for a file that is not encrypted
   */
  async *text(path: string, { from = 0, isGrowing = false }: Reading = {}): AsyncGenerator<Buffer> {
    const file = await open(path);
    try {
      const bytes = new Window(file);
      let at = 0;
      let passed = 0;
      for (;;) {
        // What is passed over is not read, but for its header.
        const ahead = passed < from ? MAX_HEADER_BYTES : READ_AT_ONCE;
        const header = parsedHeader(await bytes.read(at, MAX_HEADER_BYTES, ahead), path);
        if (header === 'none') return;
        if (header === 'torn') return endOfTorn(path, isGrowing);
        const size = header.bytes.length + header.textLength + SEAL_BYTES;
        const end = passed + header.textLength;
        if (end > from) {
          const body = (await bytes.read(at, size, READ_AT_ONCE)).subarray(header.bytes.length);
          if (body.length < header.textLength + SEAL_BYTES) return endOfTorn(path, isGrowing);
          const text = this.ring.open(body, header.keyId, this.context(path, header.bytes, at));
          yield text.subarray(Math.max(0, from - passed));
        }
        passed = end;
        at += size;
      }
    } finally {
      await file.close();
    }
  }

  private context(path: string, header: Buffer, offset: number): Buffer {
    const place = `${basename(this.folder)}\0${relative(this.folder, path)}\0${offset}\0`;
    return Buffer.concat([Buffer.from(place), header]);
  }
}

/** Whether a file begins as a sealed one does. @returns undefined when there is none, or nothing in it */
export async function isSealed(path: string): Promise<boolean | undefined> {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return undefined;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    return MAGIC.subarray(0, bytesRead).equals(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

interface Header {
  readonly bytes: Buffer;
  readonly keyId: string;
  readonly textLength: number;
}

function headerOf(keyId: string, textLength: number): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(textLength);
  return Buffer.concat([MAGIC, Buffer.of(VERSION, keyId.length), Buffer.from(keyId), length]);
}

function parsedHeader(bytes: Buffer, path: string): Header | 'none' | 'torn' {
  if (bytes.length === 0) return 'none';
  const start = bytes.subarray(0, MAGIC.length);
  if (!start.equals(MAGIC.subarray(0, start.length))) throw notSealed(path);
  if (bytes.length < FIXED_BYTES) return 'torn';
  const idLength = bytes.readUInt8(FIXED_BYTES - 1);
  const length = FIXED_BYTES + idLength + LENGTH_BYTES;
  if (bytes.readUInt8(MAGIC.length) !== VERSION || idLength > MAX_ID_BYTES) throw unreadable(path);
  if (bytes.length < length) return 'torn';
  const textLength = bytes.readUInt32BE(FIXED_BYTES + idLength);
  if (textLength > MAX_TEXT_BYTES) throw unreadable(path);
  const keyId = bytes.toString('utf8', FIXED_BYTES, FIXED_BYTES + idLength);
  return { bytes: bytes.subarray(0, length), keyId, textLength };
}

/** Reads a file in few large parts, though it is asked for many small ones. */
class Window {
  private bytes = Buffer.alloc(0);
  private at = 0;

  constructor(private readonly file: FileHandle) {}

  /**
   * @param ahead bytes to read where what is asked for was not read yet
   * @returns fewer bytes where the file ends before
   */
  async read(at: number, length: number, ahead: number): Promise<Buffer> {
    const isInside = at >= this.at && at + length <= this.at + this.bytes.length;
    if (!isInside) {
      const buffer = Buffer.allocUnsafe(Math.max(length, ahead));
      const { bytesRead } = await this.file.read(buffer, 0, buffer.length, at);
      this.bytes = buffer.subarray(0, bytesRead);
      this.at = at;
    }
    return this.bytes.subarray(at - this.at, at - this.at + length);
  }
}

/** @throws Error where nothing may be missing */
function endOfTorn(path: string, isGrowing: boolean): void {
  if (!isGrowing) throw new Error(`${path} has lost what was written: begin anew`);
}

/** @param path of a file that was written without encryption */
export function notSealed(path: string): DecryptionError {
  return new DecryptionError(
    `${path} is not encrypted, and encryption is on: the run was begun before that. Cancel it, and begin a new one.`,
  );
}

/** @param path of a sealed file, where there are no keys */
export function withoutKeys(path: string): DecryptionError {
  return new DecryptionError(`${path} is encrypted, and the configuration has no encryption.keys: add them.`);
}

function unreadable(path: string): DecryptionError {
  return new DecryptionError(
    `${path} is encrypted in a form that this version does not know, or was changed.`,
  );
}
