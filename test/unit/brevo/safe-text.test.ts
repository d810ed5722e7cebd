import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { HIDDEN, safeText } from '../../../brevo/safe-text';

describe('a text from outside', () => {
  it.each([
    ['an e-mail address', 'no such ada@example.com here', `no such ${HIDDEN} here`],
    ['an encoded one', 'GET /contacts/ada%40example.com', `GET ${HIDDEN}`],
    ['one with accents', 'für zoë@exämple.de!', `für ${HIDDEN}`],
    ['a phone number', 'call +33 (0)6-12.34.56.78 now', `call ${HIDDEN} now`],
    ['six digits', 'number 123456', `number ${HIDDEN}`],
    ['an API key', 'key xkeysib-abc-DEF', `key ${HIDDEN}`],
  ])('loses %s', (_, text, safe) => expect(safeText(text, [])).toBe(safe));

  it.each(['error code: 524', '12345', 'IP 198.51.100.23, not authorised', '5 of 10 done'])(
    'keeps %j',
    (text) => expect(safeText(text, [])).toBe(text),
  );

  it('takes four groups of digits for a phone number where they are no IP address', () => {
    expect(safeText('33.612.345.678 and 06.12.34.56.78', [])).toBe(`${HIDDEN} and ${HIDDEN}`);
  });

  it('becomes one line, and of HTML the title', () => {
    expect(safeText('a\r\n\tb\u0000c', [])).toBe('a b c');
    expect(safeText('<!doctype html>\n<TITLE lang="en">Just a\nmoment</TITLE><p>more</p>', [])).toBe(
      'Just a moment',
    );
    expect(safeText('<html><body><h1>Oops</h1></body></html>', [])).toBe('Oops');
  });

  it('does not show half an address where it was cut', () => {
    expect(safeText(`${'x '.repeat(990)}${'secretive'.repeat(5)}@example.com`, [])).not.toContain(
      'secretive',
    );
  });

  it('never holds a secret that was named, whatever its characters, and never fails', () => {
    const secret = fc.oneof(
      fc.string({ minLength: 4, unit: 'grapheme' }),
      fc.constantFrom('a.*b', '[x](y)', 'a\\d+', '$&$1', '%41bc', 'x/y z', '^-]|{2}'),
    );
    const property = fc.property(fc.string(), secret, fc.string(), (before, hidden, after) => {
      fc.pre(!/[\s\p{Cc}]/u.test(hidden) && !HIDDEN.includes(hidden) && !/^\s*</.test(before + hidden));
      const safe = safeText(`${before} ${hidden} ${encodeURIComponent(hidden)} ${after}`, [hidden]);
      expect(safe).not.toContain(hidden);
    });
    return fc.assert(property);
  });

  it('is read in reasonable time, however hostile', () => {
    const before = process.cpuUsage();
    for (const hostile of [
      'a'.repeat(1e6),
      '1 '.repeat(5e5),
      '<html>'.repeat(1e5),
      '%40'.repeat(3e5),
      '1.'.repeat(5e5),
    ]) {
      safeText(hostile, ['aaaa']);
    }
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(4_000);
  });

  it('costs no more for a long word than for many short ones', () => {
    const before = process.cpuUsage();
    for (let times = 0; times < 300; times += 1) safeText('a'.repeat(1_990), []);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });

  it('hides an address wherever it stands in a word', () => {
    expect(safeText('x=ana@example.com&y ana%40example.com @ a@ @b', [])).toBe('«…» «…» @ a@ @b');
  });
});
