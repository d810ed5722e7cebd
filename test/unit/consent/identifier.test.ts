import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type IdentifierKind, identifierOf } from '../../../consent/identifier';
import { IDENTIFIER_OPTIONS, type IdentifierOption } from '../../../consent/rules';
import { anyText } from '../../support/any-text';
import { checkProperty } from '../../support/check-property';

const LONG_DOMAIN = `${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}`;
/** An e-mail address of exactly so many characters. */
const emailOf = (length: number) => {
  const domain = `@${LONG_DOMAIN}.example`;
  return `${'a'.repeat(10)}@${'d'.repeat(length - 10 - domain.length - 1)}.${LONG_DOMAIN}.example`;
};

describe('an organization_user_id names a Brevo contact', () => {
  it.each<[IdentifierOption, string, IdentifierKind, string]>([
    ['auto', 'ana@example.com', 'email', 'ana@example.com'],
    ['auto', '  Ana@Example.COM\n', 'email', 'ana@example.com'],
    ['auto', 'ana+news@mail.example.co.uk', 'email', 'ana+news@mail.example.co.uk'],
    ['auto', 'a@example.com', 'email', 'a@example.com'],
    ['auto', 'ana@x.org', 'email', 'ana@x.org'],
    ['auto', `${'a'.repeat(64)}@example.com`, 'email', `${'a'.repeat(64)}@example.com`],
    ['auto', "o'neill.x_y-z@example.com", 'email', "o'neill.x_y-z@example.com"],
    ['auto', 'josé@exámple.com', 'email', 'josé@exámple.com'],
    ['auto', 'CRM-0042', 'ext_id', 'CRM-0042'],
    ['auto', ' CRM-0042 ', 'ext_id', 'CRM-0042'],
    ['auto', 'ana@', 'ext_id', 'ana@'],
    ['auto', '@example.com', 'ext_id', '@example.com'],
    ['auto', 'ana@localhost', 'ext_id', 'ana@localhost'],
    ['auto', 'ana example@example.com', 'ext_id', 'ana example@example.com'],
    ['auto', '+33612345678', 'ext_id', '+33612345678'],
    ['auto', '1e4c-😀', 'ext_id', '1e4c-😀'],
    ['email', 'ANA@example.com', 'email', 'ana@example.com'],
    ['ext_id', 'ana@example.com', 'ext_id', 'ana@example.com'],
    ['ext_id', 'Case-Matters', 'ext_id', 'Case-Matters'],
    ['phone', '+33 6 12 34 56 78', 'phone', '33612345678'],
    ['phone', '0033612345678', 'phone', '33612345678'],
    ['phone', '+00 33 612345678', 'phone', '33612345678'],
    ['phone', '000033612345678', 'phone', '33612345678'],
    ['phone', '+33 6 00 12 34 56', 'phone', '33600123456'],
    ['phone', '(33) 612-34.56.78', 'phone', '33612345678'],
    ['contact_id', ' 42 ', 'contact_id', '42'],
    ['contact_id', '7', 'contact_id', '7'],
    ['contact_id', '1234567890123456', 'contact_id', '1234567890123456'],
  ])('%s: %j is %s %j', (option, text, kind, value) => {
    expect(identifierOf(text, option)).toEqual({ kind, value });
  });

  it.each<[IdentifierOption, string]>([
    ['email', 'abc.com'],
    ['email', 'CRM-0042'],
    ['email', 'a..b@example.com'],
    ['email', '.a@example.com'],
    ['email', 'a@@example.com'],
    ['email', 'a@b@example.com'],
    ['email', 'a@-example.com'],
    ['email', 'a@example.com.'],
    ['email', 'a@exa mple.com'],
    ['email', 'a@example.-com'],
    ['email', 'a@example.c om'],
    ['email', 'a@example.c/om'],
    ['email', '😀@example.com'],
    ['email', `${'a'.repeat(65)}@example.com`],
    ['phone', '12345'],
    ['phone', '+1234567890123456'],
    ['phone', '+33 abc'],
    ['phone', '++33612345678'],
    ['phone', '00+33612345678'],
    ['contact_id', '0'],
    ['contact_id', '-1'],
    ['contact_id', '1.5'],
    ['contact_id', '1e3'],
    ['contact_id', 'ana@example.com'],
    ['contact_id', '12345678901234567'],
  ])('%s: Brevo cannot have %j', (option, text) => {
    expect(identifierOf(text, option)).toBeUndefined();
  });

  it.each(IDENTIFIER_OPTIONS)('%s: never by an empty text, a control character or broken text', (option) => {
    for (const text of [
      '',
      '  ',
      '\u0000',
      'a\u0000b',
      'a\nb',
      '42\u0007',
      'ana\u0000@example.com',
      '\ud83d',
      'x\udc00y',
    ]) {
      expect(identifierOf(text, option)).toBeUndefined();
    }
  });

  it('by at most 254 characters', () => {
    expect(emailOf(254)).toHaveLength(254);
    expect(identifierOf(emailOf(254), 'email')).toBeDefined();
    expect(identifierOf(emailOf(255), 'auto')).toBeUndefined();
    expect(identifierOf('x'.repeat(254), 'ext_id')).toBeDefined();
    expect(identifierOf('x'.repeat(255), 'ext_id')).toBeUndefined();
    expect(identifierOf('x'.repeat(500), 'auto')).toBeUndefined();
    expect(identifierOf(` ${'x'.repeat(254)} `, 'ext_id')).toBeDefined();
  });

  it('two spellings of one e-mail address are one contact', () => {
    checkProperty(
      fc.property(fc.emailAddress(), (address) => {
        const known = identifierOf(address, 'email');
        fc.pre(known !== undefined);
        expect(identifierOf(` ${address.toUpperCase()} `, 'email')).toEqual(known);
        expect(identifierOf(address, 'auto')).toEqual(known);
      }),
    );
  });

  it('by the identifier itself once more, and quickly, whatever the text', () => {
    checkProperty(
      fc.property(anyText(300), fc.constantFrom(...IDENTIFIER_OPTIONS), (text, option) => {
        const known = identifierOf(text, option);
        if (known) expect(identifierOf(known.value, option)).toEqual(known);
      }),
      500,
    );
    const before = process.cpuUsage();
    for (const text of [
      'a.'.repeat(127),
      `a@${'a-'.repeat(126)}`,
      `a@${'a.'.repeat(126)}`,
      '0'.repeat(254),
    ]) {
      for (const option of IDENTIFIER_OPTIONS) identifierOf(text, option);
    }
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500);
  });
});
