import type { ConsentState } from './consent-state';
import type { Seconds, Statement } from './statement';

/**
 * Events that were deleted in Didomi. What such an event said is void for ever, also when it is delivered again.
 * Latest last.
 */
export type DeletedEvents = readonly string[];

/** More deleted events of one contact than this are not remembered. */
const KEPT_DELETED_EVENTS = 200;

export function withDeleted(deleted: DeletedEvents, eventIds: readonly string[]): DeletedEvents {
  const others = deleted.filter((id) => !eventIds.includes(id));
  return [...new Set([...others, ...eventIds])].slice(-KEPT_DELETED_EVENTS);
}

/** The state as if these events had never been. */
export function withoutChoicesOf(state: ConsentState, deleted: DeletedEvents): ConsentState {
  const gone = new Set(deleted);
  return state.map((register) => {
    if (!register.choices.some(({ eventId }) => gone.has(eventId))) return register;
    return { ...register, choices: register.choices.filter(({ eventId }) => !gone.has(eventId)) };
  });
}

/** What tells others, who hold choices of these events in a ledger, that they are void. @param known when we knew it */
export function retractionsOf(state: ConsentState, deleted: DeletedEvents, known: Seconds): Statement[] {
  return state.flatMap(({ regulation, path, user, choices }) =>
    deleted
      .filter((id) => choices.some(({ eventId }) => eventId === id))
      .map((eventId) => ({ regulation, path, user, retraction: { eventId, known } })),
  );
}
