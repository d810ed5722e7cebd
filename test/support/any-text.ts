import fc from 'fast-check';

/** Any character there is. `unit: 'binary'` is the same, and takes seconds to begin with. */
const anyCharacter = fc
  .integer({ min: 0, max: 0x10ffff })
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

/** Any well-formed text: of the usual characters, of any there are, or mixed. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.oneof(
      fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCharCode(code)),
      anyCharacter,
    ),
    maxLength,
  });
}
