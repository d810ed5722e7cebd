import { gzipSync } from 'node:zlib';
import { elementsOf } from '../../../files/elements';
import { textLinesOf } from '../../../files/text-lines';
import { assertDiscreet, assertSame, PERSON, type Target } from '../target';

const LINE = JSON.stringify({ user: { organization_user_id: PERSON, text: 'é😀' } });

/** In chunks of this size: where a chunk ends must not matter. */
async function* chunked(input: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < input.length; at += size) yield input.subarray(at, at + size);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Reads it whole and in pieces. @returns what was read */
async function readTwice<T extends { readonly line: number }>(
  input: Buffer,
  read: (content: AsyncIterable<Buffer>) => AsyncIterable<T>,
): Promise<T[]> {
  const whole = await all(read(chunked(input, Math.max(input.length, 1))));
  // Small ones: there the ends of chunks fall into every place.
  if (input.length <= 2_000) {
    const pieces = await all(read(chunked(input, 1 + (input.length % 7))));
    // How much is had of what is damaged depends on the chunks.
    const most = isGzip(input)
      ? Math.min(soundIn(whole), soundIn(pieces))
      : Math.max(whole.length, pieces.length);
    assertSame('chunks change what is read', pieces.slice(0, most), whole.slice(0, most));
  }
  for (const one of whole) {
    if ('problem' in one) assertDiscreet(String(one.problem), 200);
    if (one.line < 1) throw new Error(`line ${one.line}`);
  }
  return whole;
}

function isGzip(input: Buffer): boolean {
  return input[0] === 0x1f && input[1] === 0x8b;
}

function soundIn(read: readonly object[]): number {
  return read.filter((one) => !('problem' in one)).length;
}

const elements: Target = {
  name: 'json-files',
  corpus: [
    `${LINE}\n${LINE}\n`,
    `[${LINE},\n ${LINE}]`,
    JSON.stringify(JSON.parse(LINE), null, 2),
    `\ufeff${LINE}\r\n\r\n[${LINE}]\n`,
    gzipSync(`${LINE}\n${LINE}\n`),
    '[]',
  ],
  words: ['\n', '\r\n', '[', ']', ',', '{', '}', '"', '\\"', '\n\n', LINE],
  read: async (input) => {
    const read = await readTwice(input, elementsOf);
    return read.length > 0 && read.every((one) => 'value' in one);
  },
  share: 0.4,
};

const ids: Target = {
  name: 'id-files',
  corpus: [`${PERSON}\ncrm-1\n\n +33612345678 \r\n`, gzipSync(`${PERSON}\n`), '\ufeffid\n'],
  words: ['\n', '\r', ',', ';', '"', '\t', PERSON],
  read: async (input) => (await readTwice(input, textLinesOf)).every((one) => 'text' in one),
  share: 0.4,
};

export const FILE_TARGETS: readonly Target[] = [elements, ids];
