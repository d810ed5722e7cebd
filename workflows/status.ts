import type { Outcome, Refusal } from '../consent/outcome';
import { toIso } from '../consent/statement';
import type { ContactRecord } from './contact-record';
import type { ConsentSyncInput, SettledChange } from './contract';
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
    inForce: record.wanted
      .wishes()
      .map(({ id, path, inForce: { value, time, asOf, eventId } }): ValueInForce => {
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
    unwrittenWithdrawals: record.wanted.unwrittenWithdrawals(),
  };
}

/** What whoever waited for a change is told. */
export function settledChange(outcome: Outcome, { state }: ContactRecord): SettledChange {
  const reason = reasonFor(outcome, state);
  return { outcome, ...(reason !== undefined && { reason }) };
}

function reasonFor(outcome: Outcome, state: ContactRecord['state']): string | undefined {
  if (outcome === 'guarded') return state.guarded;
  if (outcome === 'rejected') return state.refused.map(refusalText).join('; ') || undefined;
  const held = state.held ?? state.question?.held;
  return outcome === 'held' && held ? refusalText(held) : undefined;
}

function refusalText({ id, reason, status, code }: Refusal): string {
  const answer = [status, code].filter((part) => part !== undefined).join(' ');
  return `${id ?? 'contact'}: ${reason}${answer === '' ? '' : ` (${answer})`}`;
}
