import type { Seconds, Statement } from '../../consent/statement';
import { toSeconds } from '../../consent/statement';
import type { UserRecord } from './records';
import { snapshotsOf } from './snapshots';

export interface PersonAsked {
  /** Mapped paths. */
  readonly paths: readonly string[];
  /** Regulations that were asked for. */
  readonly regulations: readonly string[];
  /** Didomi users that were known of the person before; `""` where a statement named none. */
  readonly users: readonly string[];
}

/**
 * What Didomi's answer says of a person, after something of theirs was deleted: snapshots of what the records hold, and
 * silence where a record holds nothing for a path (as of its `updated_at`), or where a user has no record any more (as
 * of now).
 *
 * @param records all that Didomi has of the person
 * @param readAt ms since 1970, when reading began
 */
export function statementsOf(
  records: readonly UserRecord[],
  { paths, regulations, users }: PersonAsked,
  readAt: number,
): Statement[] {
  const readings = records.map((record) => readRecord(record, paths, readAt));
  const silences = regulations.flatMap((regulation) => {
    const read = readings.filter((one) => one.regulation === regulation);
    return [...new Set([...users, ...read.map(({ user }) => user)])].flatMap((user) => {
      // Statements without a user may stem from any of the person's.
      const own = user === NO_USER ? read : read.filter((one) => one.user === user);
      const asOf = user === NO_USER ? undefined : latest(own);
      return paths
        .filter((path) => !own.some(({ answered }) => answered.has(path)))
        .map((path) => ({ regulation, user, path, silence: { asOf: asOf ?? toSeconds(readAt) } }));
    });
  });
  return [...readings.flatMap(({ statements }) => statements), ...silences];
}

const NO_USER = '';

interface RecordReading {
  readonly regulation: string;
  readonly user: string;
  readonly asOf: Seconds;
  readonly statements: readonly Statement[];
  /** Paths for which the record holds something, be it understood or not. */
  readonly answered: ReadonlySet<string>;
}

function readRecord(record: UserRecord, paths: readonly string[], readAt: number): RecordReading {
  const { statements, ambiguous } = snapshotsOf([record], paths, readAt);
  return {
    regulation: record.regulation,
    user: record.user.id,
    asOf: toSeconds(Math.min(record.user.updated_at, readAt)),
    statements,
    answered: new Set([...statements.map(({ path }) => path), ...ambiguous]),
  };
}

function latest(readings: readonly RecordReading[]): Seconds | undefined {
  return readings.length === 0 ? undefined : Math.max(...readings.map(({ asOf }) => asOf));
}
