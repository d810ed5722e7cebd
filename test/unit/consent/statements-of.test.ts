import { it } from '@jest/globals';
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
