import fc from 'fast-check';
import type { ConsentValue, Statement, Subject } from '../../../consent/statement';

/** Times so few that two statements often fall into the same second. */
const anyTime = fc.integer({ min: 1, max: 6 });
const anyEventId = fc.constantFrom('e1', 'e2', 'e3');
const anyValue: fc.Arbitrary<ConsentValue> = fc.constantFrom<ConsentValue>(true, false, '', 'a', 'b');

export const PATHS = ['p', 'q'] as const;

const aChoice = fc.record({
  choice: fc.record({ value: anyValue, at: anyTime, known: anyTime, eventId: anyEventId }),
});
const aSnapshot = fc.record({ snapshot: fc.record({ value: anyValue, asOf: anyTime }) });
const aRetraction = fc.record({ retraction: fc.record({ eventId: anyEventId, known: anyTime }) });

function anySubject(users: readonly string[]): fc.Arbitrary<Subject> {
  return fc.record({
    regulation: fc.constantFrom('gdpr', 'gdpr', 'cpra'),
    path: fc.constantFrom(...PATHS),
    user: fc.constantFrom(...users),
  });
}

/** Statements on few subjects, at most eight each: within what a register keeps. */
export const anyStatements: fc.Arbitrary<Statement[]> = fc
  .array(
    fc.tuple(
      anySubject(['', 'u1', 'u2', 'u3']),
      fc.array(fc.oneof({ weight: 5, arbitrary: aChoice }, aSnapshot, aRetraction), {
        minLength: 1,
        maxLength: 4,
      }),
    ),
    { maxLength: 8 },
  )
  .map((said) => {
    const statements = said.flatMap(([subject, parts]) => parts.map((part) => ({ ...subject, ...part })));
    return atMostEightEach(statements);
  });

/** With answers of Didomi's in which a record held nothing. */
export const anyStatementsAndSilence: fc.Arbitrary<Statement[]> = fc
  .tuple(
    anyStatements,
    fc.array(fc.tuple(anySubject(['', 'u1']), fc.record({ silence: fc.record({ asOf: anyTime }) })), {
      maxLength: 2,
    }),
  )
  .map(([statements, silent]) => [
    ...statements,
    ...silent.map(([subject, part]) => ({ ...subject, ...part })),
  ]);

/** Choices and snapshots of more Didomi users than are kept. */
export const statementsOfManyUsers: fc.Arbitrary<Statement[]> = fc.array(
  fc
    .tuple(
      anySubject(Array.from({ length: 14 }, (_, index) => `u${index}`)).map((subject) => ({
        ...subject,
        path: PATHS[0],
      })),
      fc.oneof(aChoice, aSnapshot),
    )
    .map(([subject, part]) => ({ ...subject, ...part })),
  { minLength: 10, maxLength: 40 },
);

function atMostEightEach(statements: readonly Statement[]): Statement[] {
  const counts = new Map<string, number>();
  return statements.filter(({ regulation, path, user }) => {
    const key = JSON.stringify([regulation, path, user]);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= 8;
  });
}
