import { toIso } from '../consent/statement';
import type { ContactRecord } from './contact-record';
import type { ConsentSyncInput } from './contract';
import { comparedSentence, guardSentence, MOVED_AWAY } from './narrative';
import type { ConsentSyncStatus, ValueInForce } from './story';

/** The contact's story as others read it. */
export function statusOf(input: ConsentSyncInput, record: ContactRecord): ConsentSyncStatus {
  const { state } = record;
  const held = state.held ?? state.question?.held;
  return {
    integration: input.integration,
    identifierKind: input.identifier.kind,
    outcome: record.shownOutcome(),
    dryRun: state.rules?.dryRun ?? false,
    inForce: record.wishes().map(({ id, path, inForce: { value, time, asOf, eventId } }): ValueInForce => {
      return {
        id,
        path,
        value,
        at: time === undefined ? null : toIso(time),
        ...(asOf !== undefined && { asOf: toIso(asOf) }),
        eventId: eventId ?? null,
      };
    }),
    events: state.events.map(({ eventId, type, receivedAt, outcome, movedAway, comparedWith }) => ({
      eventId,
      type,
      receivedAt: new Date(receivedAt).toISOString(),
      ...(outcome && { outcome }),
      ...(movedAway && { note: MOVED_AWAY }),
      ...(comparedWith !== undefined && { note: comparedSentence(comparedWith) }),
    })),
    calls: state.calls,
    ...(held && { held }),
    rejected: state.refused,
    ...(state.guarded && { guarded: guardSentence(state.guarded) }),
  };
}
