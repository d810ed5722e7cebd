import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { type Element, elementsOf } from '../../../files/elements';
import { temporaryFolders } from '../../support/temporary-folder';

const folder = temporaryFolders();

async function read(content: string | Uint8Array): Promise<Element[]> {
  const file = join(await folder(), 'events');
  await writeFile(file, content);
  const elements: Element[] = [];
  for await (const element of elementsOf(createReadStream(file))) elements.push(element);
  return elements;
}

async function* portions(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

const A = { type: 'event.created', id: 'a' };
const B = { type: 'event.created', id: 'b' };

describe('a file of messages', () => {
  test('may hold one JSON document on one line', async () => {
    expect(await read(JSON.stringify(A))).toEqual([{ line: 1, value: A }]);
  });

  test('may hold one JSON document over several lines', async () => {
    expect(await read(`\n${JSON.stringify(A, null, 2)}\n`)).toEqual([{ line: 2, value: A }]);
  });

  test('may hold an array on one line', async () => {
    expect(await read(JSON.stringify([A, B]))).toEqual([
      { line: 1, value: A },
      { line: 1, value: B },
    ]);
  });

  test('may hold an array over several lines; each element is known by its line', async () => {
    expect(await read(JSON.stringify([A, B], null, 2))).toEqual([
      { line: 2, value: A },
      { line: 6, value: B },
    ]);
  });

  test('may hold lines of JSON, with empty lines, Windows line ends and no end of line at its end', async () => {
    expect(await read(`${JSON.stringify(A)}\r\n\r\n  \n${JSON.stringify(B)}`)).toEqual([
      { line: 1, value: A },
      { line: 4, value: B },
    ]);
  });

  test('may begin with a byte order mark', async () => {
    expect(await read(`\ufeff${JSON.stringify(A)}\n${JSON.stringify(B)}\n`)).toHaveLength(2);
  });

  test.each([
    ['a document', JSON.stringify(A, null, 2), 1],
    ['an array', JSON.stringify([A, B]), 2],
    ['lines', `${JSON.stringify(A)}\n${JSON.stringify(B)}\n`, 2],
  ])('may be gzipped, whatever its name: %s', async (_what, text, count) => {
    expect(await read(gzipSync(text))).toHaveLength(count);
  });

  test('may be gzipped in several parts, one after the other', async () => {
    const parts = [A, B].map((one) => gzipSync(`${JSON.stringify(one)}\n`));
    expect(await read(Buffer.concat(parts))).toEqual([
      { line: 1, value: A },
      { line: 2, value: B },
    ]);
  });

  test('may hold an array of any form', async () => {
    const texts = ['[]', ' [ ] ', '\ufeff[1,"a,]b\\"c",[],{"a":[1,{}]}]', '[[1],\n[2, 3]\n]'];
    const values = await Promise.all(
      texts.map(async (text) => (await read(text)).map((one) => ('value' in one ? one.value : one))),
    );
    expect(values).toEqual([[], [], [1, 'a,]b"c', { a: [1, {}] }], [1, 2, 3]]);
  });

  test.each([
    ['lines', `\ufeff${JSON.stringify(A)}\r\n\n${JSON.stringify(B)}`],
    ['an array', `\ufeff\n[${JSON.stringify([A, '\\"'], null, 2)},\n 1, oops ]\n${JSON.stringify(B)}`],
    ['a document', JSON.stringify(A, null, 2)],
  ])('is read alike in whatever portions it comes: %s', async (_what, text) => {
    const whole = await read(text);
    for (const size of [1, 2, 3, 7]) {
      const elements: Element[] = [];
      for await (const element of elementsOf(portions(text, size))) elements.push(element);
      expect(elements).toEqual(whole);
    }
  });

  test('that is empty holds nothing', async () => {
    expect(await read('')).toEqual([]);
    expect(await read('\n \n')).toEqual([]);
  });

  test('keeps 4-byte characters that fall between two chunks whole', async () => {
    const name = '😀'.repeat(70_000);
    const elements = await read(`${JSON.stringify({ ...A, name })}\n${JSON.stringify({ ...B, name })}\n`);
    expect(elements).toEqual([
      { line: 1, value: { ...A, name } },
      { line: 2, value: { ...B, name } },
    ]);
  });
});

describe('what is broken', () => {
  test('is told with its line, and does not stop the lines after it', async () => {
    expect(await read(`${JSON.stringify(A)}\n{"type": \n${JSON.stringify(B)}\n`)).toEqual([
      { line: 1, value: A },
      { line: 2, problem: expect.stringMatching(/^it is not JSON/) },
      { line: 3, value: B },
    ]);
  });

  test('may be the first line', async () => {
    expect(await read(`{"type": oops}\n${JSON.stringify(B)}\n`)).toEqual([
      { line: 1, problem: expect.stringMatching(/^it is not JSON from column 10 on/) },
      { line: 2, value: B },
    ]);
  });

  test('in a document is told with line and column', async () => {
    expect(await read('{\n  "type": "event.created",\n  "id": }\n')).toEqual([
      { line: 3, problem: 'it is not JSON from column 9 on' },
    ]);
  });

  test('in an array is told with line and column, and does not stop the elements after it', async () => {
    const text = `[\n  ${JSON.stringify(A)},\n  {"type": },\n${JSON.stringify(B)}]`;
    expect(await read(text)).toEqual([
      { line: 2, value: A },
      { line: 3, problem: 'it is not JSON from column 12 on' },
      { line: 4, value: B },
    ]);
  });

  test.each([
    ['that does not end', `[${JSON.stringify(A)},\n`, 'the file ends before its JSON array does'],
    ['with a comma too many', `[${JSON.stringify(A)},\n]`, 'it is not JSON from column 1 on'],
    ['with something behind it', `[${JSON.stringify(A)}]\noops`, 'it is not JSON from column 1 on'],
  ])('may be an array %s; its elements are read', async (_what, text, problem) => {
    expect(await read(text)).toEqual([
      { line: 1, value: A },
      { line: 2, problem },
    ]);
  });

  test('may be a line longer than 16 MB, which is passed over', async () => {
    const long = `{"id":"${'x'.repeat(17 * 1024 * 1024)}"}`;
    const TOO_LONG = { line: 2, problem: 'it is longer than 16 MB' };
    const lines = `${JSON.stringify(A)}\n${long}\n${JSON.stringify(B)}`;
    expect(await read(lines)).toEqual([{ line: 1, value: A }, TOO_LONG, { line: 3, value: B }]);
    const array = `[${JSON.stringify(A)},\n${long},\n${JSON.stringify(B)}]`;
    expect(await read(array)).toEqual([{ line: 1, value: A }, TOO_LONG, { line: 3, value: B }]);
  });

  test('is a line that is not UTF-8: no character is replaced without a word', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${JSON.stringify(A)}\n{"id":"`),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    expect(await read(bytes)).toEqual([
      { line: 1, value: A },
      { line: 2, problem: 'it is not UTF-8' },
    ]);
  });

  test('is a gzipped file that is cut off: what came before is read', async () => {
    const lines = Array.from({ length: 20_000 }, (_, id) => JSON.stringify({ ...A, id })).join('\n');
    const packed = gzipSync(lines);
    const elements = await read(packed.subarray(0, packed.length - 100));
    expect(elements.length).toBeGreaterThan(19_000);
    expect(elements.at(-1)).toMatchObject({
      problem: expect.stringContaining('not whole as a gzip file'),
    });
  });

  test('is not worth a stack overflow, however deeply it is nested', async () => {
    const [element] = await read(`\n{"a":\n${'['.repeat(200_000)}`);
    expect(element).toMatchObject({ problem: expect.any(String) });
  });
});
