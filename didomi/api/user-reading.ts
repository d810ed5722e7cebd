import type { Rules } from '../../consent/rules';
import { gatheredFrom, type RecordReading } from '../gathered';
import { interpret } from '../interpret';
import { revisionOf } from '../message';
import { DidomiMessageError } from '../message-error';
import type { UserRecord } from './records';

/**
 * What records that were read from Didomi say: snapshots, as user.created messages would say it.
 *
 * @param records of one person, or one record
 * @param readAt ms since 1970, when reading began
 */
export function readingOfUsers(records: readonly UserRecord[], rules: Rules, readAt: number): RecordReading {
  if (records.length === 0) return { status: 'ignored', reason: 'unknown_to_didomi' };
  try {
    const parts = records.map(({ user, regulation }) =>
      interpret({ type: 'user.created', eventId: revisionOf(user), user, regulation }, rules, readAt),
    );
    return gatheredFrom(parts, readAt);
  } catch (error) {
    if (!(error instanceof DidomiMessageError)) throw error;
    return { status: 'broken', reason: error.message };
  }
}
