import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergeStatements, statementsOf } from '../../../consent/consent-state';
import { expectSame } from '../../properties/expect-same';
import { checkProperty } from '../../support/check-property';
import { anyStatementsAndSilence, statementsOfManyUsers } from './any-statements';

it('is the same state again when its statements are merged, also beyond what is kept', () => {
  checkProperty(
    fc.property(fc.oneof(anyStatementsAndSilence, statementsOfManyUsers, manyChoices), (statements) => {
      const state = mergeStatements([], statements);
      expectSame(mergeStatements([], statementsOf(state)), state);
    }),
    500,
  );
});

it('says each thing that is known of a subject, and nothing else', () => {
  const subject = { regulation: 'gdpr', path: 'p', user: 'u' };
  const said = [
    { ...subject, choice: { value: true, at: 20, known: 20, eventId: 'e2' } },
    { ...subject, choice: { value: false, at: 10, known: 10, eventId: 'e1' } },
    { ...subject, retraction: { eventId: 'e0', known: 30 } },
    { ...subject, snapshot: { value: true, asOf: 25 } },
    { ...subject, silence: { asOf: 5 } },
  ];
  expect(statementsOf(mergeStatements([], said))).toEqual(said);
  for (const one of said) expect(statementsOf(mergeStatements([], [one]))).toEqual([one]);
});

/** More choices and retractions of one subject than are kept. */
const manyChoices = fc.array(
  fc.record({
    regulation: fc.constant('gdpr'),
    path: fc.constant('p'),
    user: fc.constant('u'),
    choice: fc.record({
      value: fc.constantFrom(true, false),
      at: fc.integer({ min: 1, max: 30 }),
      known: fc.integer({ min: 1, max: 30 }),
      eventId: fc.constantFrom('e1', 'e2', 'e3'),
    }),
  }),
  { minLength: 10, maxLength: 40 },
);
