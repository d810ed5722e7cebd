import { type ConsentState, inForce } from './consent-state';
import { type DeletedEvents, withoutChoicesOf } from './deleted-events';
import type { InForce } from './in-force';
import type { Register } from './register';
import { isOptOut, type Seconds } from './statement';

/** Something was deleted in Didomi, and Didomi is being asked what holds now. */
export interface Question {
  /** When the latest deletion became known. */
  readonly since: Seconds;
  /** Events that will be void with the answer. */
  readonly deleted: DeletedEvents;
  /** The answer keeps us waiting. */
  readonly overdue: boolean;
}

/**
 * What may be acted on before the answer is there. A no stands: voiding it could uncover an old yes that Didomi does
 * not hold. A yes that is not later than the deletion may be what was deleted, so that it is left alone: not written,
 * and not replaced by an older one. Where the answer keeps us waiting, an older no that the deletion uncovers counts.
 */
export function countedWhileAsking(state: ConsentState, question: Question): ConsentState {
  const remaining = withoutChoicesOf(state, question.deleted).map((register, index) =>
    register === state[index] ? register : withoutDoubtfulRecord(register, question.since),
  );
  return pathsOf(state).flatMap((path) => {
    const found = inForce(state, path);
    if (found && mayStand(found, question.since)) return registersOf(state, path);
    const uncovered = question.overdue ? inForce(remaining, path) : undefined;
    return uncovered && isOptOut(uncovered.value) ? registersOf(remaining, path) : [];
  });
}

/** A record that says yes may say so because of the deleted event. */
function withoutDoubtfulRecord<R extends Register>(register: R, deletedAt: Seconds): R | Omit<R, 'snapshot'> {
  const { snapshot, ...rest } = register;
  return snapshot && !isOptOut(snapshot.value) && snapshot.asOf <= deletedAt ? rest : register;
}

/** A no, and a yes that is later than the deletion. */
export function mayStand({ value, time }: InForce, deletedAt: Seconds): boolean {
  return isOptOut(value) || (time ?? Number.NEGATIVE_INFINITY) > deletedAt;
}

/** Paths with another value in force, or the same value chosen anew. */
export function changedPaths(before: ConsentState, after: ConsentState): string[] {
  return pathsOf([...before, ...after]).filter((path) => {
    const was = inForce(before, path);
    const is = inForce(after, path);
    return was?.value !== is?.value || was?.time !== is?.time;
  });
}

function pathsOf(state: ConsentState): string[] {
  return [...new Set(state.map(({ path }) => path))];
}

function registersOf(state: ConsentState, path: string): ConsentState {
  return state.filter((register) => register.path === path);
}
