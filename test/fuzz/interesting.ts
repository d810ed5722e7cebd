/** Values that parsers trip over, as JSON writes them. */

const nested = (depth: number, open: string, core: string, close: string) =>
  open.repeat(depth) + core + close.repeat(depth);

export const NUMBERS: readonly string[] = [
  '0',
  '-0',
  '-1',
  '1.5',
  '1e400',
  '-1e400',
  '1e-400',
  '9007199254740993',
  '123456789012345678901234567890',
  '2147483648',
  '4294967295',
  '99999999999999',
  '08',
  '.5',
  '1.',
  'NaN',
  'Infinity',
  '0x10',
];

export const TEXTS: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\udc00x',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  'then',
  '..',
  '%',
  '%00',
  '%zz',
  '+',
  '_',
  '__',
  '\u202e',
  '\ufeff',
  '\u2028',
  '😀',
  'é',
  // Longer or shorter in the other case.
  'İ',
  'ß',
  '$&',
  `\${X}`,
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '+275760-09-13T00:00:00.001Z',
  '0000-01-01T00:00:00Z',
  '2026-03-04T09:15:02+14:00',
];

export const VALUES: readonly string[] = [
  'null',
  'true',
  'false',
  '{}',
  '[]',
  '[[]]',
  '[null]',
  '{"id":null}',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toString":1,"valueOf":2,"hasOwnProperty":3}',
  '{"length":4294967295}',
  '{"then":1}',
];

/** Much work for little input. */
export const DEEP: readonly string[] = [20, 200, 2_000].flatMap((depth) => [
  nested(depth, '[', '', ']'),
  nested(depth, '{"a":', '1', '}'),
  nested(depth, '{"__proto__":', '{}', '}'),
  '['.repeat(depth),
  '{"a":'.repeat(depth),
]);

/** No UTF-8, or what stands for something else in it. */
export const BYTES: readonly Buffer[] = [
  [0xff],
  [0x80],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x28],
  [0xef, 0xbb, 0xbf],
  [0x00],
  [0x1f, 0x8b, 0x08],
].map((bytes) => Buffer.from(bytes));
