import { revisionOf } from '../message';
import { type Reading, readStatements } from '../statements';
import type { UserRecord } from './records';

/**
 * What user records that were read from Didomi say of the mapped paths: snapshots, each as of its record's
 * `updated_at`, as a user.created message would say it. That nothing is said of a path proves nothing.
 *
 * @param readAt ms since 1970; an `updated_at` that is ahead of it counts as of then
 */
export function snapshotsOf(
  records: readonly UserRecord[],
  paths: readonly string[],
  readAt: number,
): Pick<Reading, 'statements' | 'ambiguous'> {
  const readings = records.map(({ user, regulation }) =>
    readStatements({ type: 'user.created', eventId: revisionOf(user), user, regulation }, paths, readAt),
  );
  return {
    statements: readings.flatMap(({ statements }) => statements),
    ambiguous: [...new Set(readings.flatMap(({ ambiguous }) => ambiguous))],
  };
}
