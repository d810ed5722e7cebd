import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  type AttributeType,
  type BrevoValue,
  type Conversion,
  convert,
  holds,
} from '../../../consent/attribute';
import type { ConsentValue } from '../../../consent/statement';
import { checkProperty } from '../../support/check-property';

const BOOLEAN: AttributeType = { kind: 'boolean' };
const TEXT: AttributeType = { kind: 'text' };
const NUMBER: AttributeType = { kind: 'number' };
const DATE: AttributeType = { kind: 'date' };
const CIVILITY: AttributeType = {
  kind: 'category',
  options: [
    { id: '1', label: 'Ms' },
    { id: '2', label: 'Mr' },
    { id: 'en', label: 'English' },
  ],
};
const TOPICS: AttributeType = { kind: 'multiple-choice', options: ['sport', 'Culture', 'News, daily'] };

const refused = { refused: expect.any(String) };

describe('a value for', () => {
  it.each<[string, AttributeType, ConsentValue, Conversion | typeof refused]>([
    ['a boolean', BOOLEAN, true, { write: true }],
    ['a boolean', BOOLEAN, false, { write: false }],
    ['a boolean', BOOLEAN, 'TRUE', { write: true }],
    ['a boolean', BOOLEAN, 'false', { write: false }],
    ['a boolean', BOOLEAN, ' True ', { write: true }],
    ['a boolean', BOOLEAN, ' False\n', { write: false }],
    ['a boolean', BOOLEAN, '  ', { write: false }],
    ['a boolean', BOOLEAN, '', { write: false }],
    ['a boolean', BOOLEAN, 'yes', refused],
    ['a boolean', BOOLEAN, 1, refused],
    ['a boolean', BOOLEAN, 0, refused],
    ['a text', TEXT, 'weekly', { write: 'weekly' }],
    ['a text', TEXT, false, { write: 'false' }],
    ['a text', TEXT, 7, { write: '7' }],
    ['a text', TEXT, '', { write: '' }],
    ['a number', NUMBER, 4.5, { write: 4.5 }],
    ['a number', NUMBER, ' -12.50 ', { write: -12.5 }],
    ['a number', NUMBER, true, { write: 1 }],
    ['a number', NUMBER, false, { write: 0 }],
    ['a number', NUMBER, '', { write: '' }],
    ['a number', NUMBER, '  ', { write: '' }],
    ['a number', NUMBER, '9007199254740991', { write: 9_007_199_254_740_991 }],
    ['a number', NUMBER, '9007199254740992', refused],
    ['a number', NUMBER, '0x10', refused],
    ['a number', NUMBER, '12345678901234567890', refused],
    ['a number', NUMBER, 'Infinity', refused],
    ['a number', NUMBER, Number.NaN, refused],
    ['a number', NUMBER, '1,5', refused],
    ['a number', NUMBER, '.25', { write: 0.25 }],
    ['a number', NUMBER, '2.5e10', { write: 25_000_000_000 }],
    ['a number', NUMBER, '1.5e-3', { write: 0.0015 }],
    ['a number', NUMBER, '1E+3', { write: 1_000 }],
    ['a number', NUMBER, '1e', refused],
    ['a date', DATE, '2026-02-28', { write: '2026-02-28' }],
    ['a date', DATE, '2026-02-28T23:59:59.123+02:00', { write: '2026-02-28' }],
    ['a date', DATE, ' 2026-02-28\n', { write: '2026-02-28' }],
    ['a date', DATE, '', { write: '' }],
    ['a date', DATE, '  ', { write: '' }],
    ['a date', DATE, '2026-02-29', refused],
    ['a date', DATE, '2024-02-29', { write: '2024-02-29' }],
    ['a date', DATE, '2026-13-01', refused],
    ['a date', DATE, '28/02/2026', refused],
    ['a date', DATE, '2026-02-28T25:00:00Z', refused],
    ['a date', DATE, '2026-02-28T07:30:00Z', { write: '2026-02-28' }],
    ['a date', DATE, '2026-02-28T07:30', { write: '2026-02-28' }],
    ['a date', DATE, '2026-02-28 07:30:00+0200', { write: '2026-02-28' }],
    ['a date', DATE, '12026-02-28', refused],
    ['a date', DATE, 'on 2026-02-28', refused],
    ['a date', DATE, 20260228, refused],
    ['a date', DATE, true, refused],
    ['a category', CIVILITY, 'Ms', { write: 'Ms' }],
    ['a category', CIVILITY, 'mr', { write: 'Mr' }],
    ['a category', CIVILITY, ' Mr ', { write: 'Mr' }],
    ['a category', CIVILITY, '  ', { write: '' }],
    ['a category', CIVILITY, '2', { write: 2 }],
    ['a category', CIVILITY, 2, { write: 2 }],
    ['a category', CIVILITY, 'EN', { write: 'en' }],
    ['a category', CIVILITY, '', { write: '' }],
    ['a category', CIVILITY, 'Dr', refused],
    ['a category', CIVILITY, true, refused],
    ['several choices', TOPICS, 'sport,culture', { write: ['sport', 'Culture'] }],
    ['several choices', TOPICS, ' SPORT , , sport', { write: ['sport'] }],
    ['several choices', TOPICS, 'News, daily', { write: ['News, daily'] }],
    ['several choices', TOPICS, ' News, daily ', { write: ['News, daily'] }],
    ['several choices', TOPICS, '', { write: [] }],
    ['several choices', TOPICS, ',', { write: [] }],
    ['several choices', TOPICS, 'cinema', refused],
    [
      'an attribute that cannot be written',
      { kind: 'unwritable', why: 'it is calculated' },
      true,
      { refused: 'cannot be written: it is calculated' },
    ],
  ])('%s (%#): %j and %j', (_, type, value, expected) => {
    expect(convert(value, type)).toEqual(expected);
  });

  it('several choices is written without those that Brevo lacks, so that what was deselected goes', () => {
    const conversion = convert('sport,cinema,opera', TOPICS);
    expect(conversion).toMatchObject({ write: ['sport'] });
    expect(conversion.refused).toBe(
      'has no option "cinema", "opera" in Brevo: add it there, or map it with "write"',
    );
  });

  it('a category that names two options is refused', () => {
    const options = [
      { id: '1', label: '2' },
      { id: '2', label: '1' },
    ];
    expect(convert('1', { kind: 'category', options })).toEqual(refused);
  });

  it('a category, or a choice, is the one that is spelled exactly so, where two differ in case alone', () => {
    const options = [
      { id: 'a', label: 'News' },
      { id: 'A', label: 'NEWS' },
    ];
    for (const label of ['News', 'NEWS']) {
      expect(convert(label, { kind: 'category', options })).toEqual({ write: label });
      expect(convert(label, { kind: 'multiple-choice', options: ['News', 'NEWS'] })).toEqual({
        write: [label],
      });
    }
    for (const id of ['a', 'A']) expect(convert(id, { kind: 'category', options })).toEqual({ write: id });
    expect(convert('news', { kind: 'category', options })).toEqual(refused);
  });

  it('a category says which options there are', () => {
    expect(convert('Dr', CIVILITY).refused).toContain('"Ms", "Mr", "English"');
  });

  it.each<[ConsentValue, string]>([
    [true, 'create it there as a boolean attribute'],
    ['weekly', 'create it there as a text or multiple-choice attribute'],
    [5, 'create it there as a number attribute'],
  ])('an attribute that is missing says how to create it for %j', (value, advice) => {
    expect(convert(value, { kind: 'missing' }).refused).toContain(advice);
  });
});

describe('a refusal', () => {
  it.each([BOOLEAN, NUMBER, DATE, CIVILITY, { kind: 'missing' } as const])(
    'does not show the value (%j)',
    (type) => {
      expect(convert('ada lovelace', type).refused).not.toContain('ada');
    },
  );

  it('says which type Brevo has, and what does not fit it', () => {
    const says = (value: ConsentValue, type: AttributeType) => convert(value, type).refused;
    const twice: AttributeType = {
      kind: 'category',
      options: [
        { id: '1', label: 'x' },
        { id: '2', label: 'x' },
      ],
    };
    expect(says('?', BOOLEAN)).toBe('is a boolean in Brevo, and the value is neither true nor false');
    expect(says('?', NUMBER)).toBe('is a number in Brevo, and the value is not one that it can hold');
    expect(says('?', DATE)).toBe('is a date in Brevo, and the value is not an ISO 8601 date');
    expect(says('x', twice)).toBe('is a category in Brevo, and the value names several of its options');
  });

  it('shows at most five options, and at most 40 characters of each', () => {
    const says = (value: string) =>
      convert(value, TOPICS).refused?.replace(' in Brevo: add it there, or map it with "write"', '');
    expect(says('a,b,c,d,e')).toBe('has no option "a", "b", "c", "d", "e"');
    expect(says('a,b,c,d,e,f')).toBe('has no option "a", "b", "c", "d", "e", …');
    expect(says('x'.repeat(40))).toBe(`has no option "${'x'.repeat(40)}"`);
    expect(says('x'.repeat(41))).toBe(`has no option "${'x'.repeat(39)}…"`);
    expect(says('ada@example.com,+33612345678')).toBe('has no option "…", "…"');
    expect(says('12345,ZIP 123456')).toBe('has no option "12345", "…"');
    expect(says('top 10 of 2026')).toBe('has no option "top 10 of 2026"');
  });

  it('shows options that Brevo lacks only so far as they cannot be personal, and not endlessly', () => {
    const { refused: why } = convert(`ada@example.com,+33612345678,${'x'.repeat(100)},a,b,c`, TOPICS);
    expect(why).not.toMatch(/ada|612|x{41}/);
    expect(why).toContain('…');
    expect(why?.length).toBeLessThan(250);
  });
});

describe('Brevo', () => {
  it.each<[string, AttributeType, unknown, BrevoValue]>([
    ['the same boolean', BOOLEAN, true, true],
    ['no', BOOLEAN, false, false],
    ['the same text', TEXT, 'weekly', 'weekly'],
    ['a text that it reads as a number', TEXT, 7, '7'],
    ['nothing where a text is cleared', TEXT, null, ''],
    ['nothing where a date is cleared', DATE, undefined, ''],
    ['nothing where all choices are taken back', TOPICS, null, []],
    ['an empty list where all choices are taken back', TOPICS, [], []],
    ['a text that it reads as a boolean', TEXT, true, 'true'],
    ['a number as text', NUMBER, '4.50', 4.5],
    ['a date with time', DATE, '2026-02-28T00:00:00.000Z', '2026-02-28'],
    ['a category by its id', CIVILITY, 1, 'Ms'],
    ['a category by its id as text', CIVILITY, '1', 'Ms'],
    ['a category by its label', CIVILITY, 'Mr', 2],
    ['a category that it does not list any more', CIVILITY, 'Dr', 'Dr'],
    ['the one choice', TOPICS, ['sport'], 'sport'],
    ['the same choices in another order', TOPICS, ['Culture', 'sport'], ['sport', 'Culture']],
    ['choices in one text', TOPICS, 'Culture,sport', ['sport', 'Culture']],
  ])('holds it already: %s', (_, type, current, write) => {
    expect(holds(current, write, type)).toBe(true);
  });

  it.each<[string, AttributeType, unknown, BrevoValue]>([
    ['nothing where a no must be on record', BOOLEAN, undefined, false],
    ['nothing where a no must be on record', BOOLEAN, '', false],
    ['a text where a boolean is meant', BOOLEAN, 'false', false],
    ['the other boolean', BOOLEAN, true, false],
    ['another text', TEXT, 'weekly', 'Weekly'],
    ['a text where none is wanted', TEXT, 'weekly', ''],
    ['nothing where 0 is written', NUMBER, null, 0],
    ['a boolean for a number', NUMBER, true, 1],
    ['a list for a number', NUMBER, [4.5], 4.5],
    ['a list for a text', TEXT, ['weekly'], 'weekly'],
    ['a list for a category', CIVILITY, ['Ms'], 'Ms'],
    ['a number for a date', DATE, 20260228, '2026-02-28'],
    [
      'nothing where a choice is called "null"',
      { kind: 'multiple-choice', options: ['null'] },
      null,
      ['null'],
    ],
    ['an attribute that cannot be written', { kind: 'unwritable', why: 'it is calculated' }, true, true],
    ['another date', DATE, '2026-02-27', '2026-02-28'],
    ['another category', CIVILITY, 2, 'Ms'],
    ['a category for one that it does not list any more', CIVILITY, 'Ms', 'Dr'],
    ['as many other choices', TOPICS, ['sport', 'News, daily'], ['sport', 'Culture']],
    ['more choices', TOPICS, ['sport', 'Culture'], ['sport']],
    ['fewer choices', TOPICS, ['sport'], ['sport', 'Culture']],
    ['an attribute that is missing', { kind: 'missing' }, true, true],
  ])('does not hold it: %s', (_, type, current, write) => {
    expect(holds(current, write, type)).toBe(false);
  });

  it('holds what it stores of a written value, for any value and type', () => {
    const value = fc.oneof(
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string(),
      fc.constantFrom('sport,cinema', '2026-02-28', 'ms', '2', ''),
    );
    const type = fc.constantFrom(BOOLEAN, TEXT, NUMBER, DATE, CIVILITY, TOPICS);
    const property = fc.property(value, type, (given, attribute) => {
      const conversion = convert(given, attribute);
      if ('write' in conversion) expect(holds(conversion.write, conversion.write, attribute)).toBe(true);
    });
    checkProperty(property);
  });
});
