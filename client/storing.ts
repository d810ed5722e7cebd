import { setTimeout } from 'node:timers/promises';
import type { ContactWorkflows } from './contact-workflows';
import { TemporalUnavailableError } from './errors';
import type { ForgetOrder, Signal, Submission } from './submission';
import { Turns } from './turns';

/** Calls to Temporal under way for one submission. */
const AT_ONCE = 16;
/**
 * The same for all submissions together; those go first of which the least is left. More would only wait in Temporal instead of here: one
 * that stores 13 a second keeps each call's deadline with these.
 */
const AT_ONCE_IN_ALL = 64;

/** How long a submission may take, in ms, beside each call's own deadline: Temporal may be slow, but not stand still. */
const DEADLINE_MS = 10_000;
const DEADLINE_PER_EVENT_MS = 20;
/** It stands still when nothing of a submission was stored for so long, in ms. */
const STANDSTILL_MS = 5_000;
const PAUSE_MS = 200;

/** Brings submissions to Temporal, many at once and not more than it can take. */
export class Storing {
  private readonly turns = new Turns(AT_ONCE_IN_ALL);

  constructor(private readonly contacts: Pick<ContactWorkflows, 'store'>) {}

  /**
   * One contact's events keep their order; contacts do not wait for each other. Ends when nothing is under way any
   * more, also when it fails.
   *
   * @throws TemporalUnavailableError when Temporal did not take everything
   */
  async storeAll(submissions: readonly Submission[]): Promise<void> {
    const contacts = byWorkflow(submissions);
    const events = contacts.reduce((sum, signals) => sum + signals.length, 0);
    const ms = DEADLINE_MS + events * DEADLINE_PER_EVENT_MS;
    const deadline = performance.now() + ms;
    let failure: { readonly error: unknown } | undefined;
    let storedAt: number | undefined;
    let left = events;
    const store = async (signal: Signal | ForgetOrder): Promise<void> => {
      if (failure) return;
      if (performance.now() > deadline) throw tooLate(ms);
      await this.contacts.store(signal);
      storedAt = performance.now();
      left -= 1;
    };
    // One call that is lost must not cost its sender all the others.
    const storeSurely = async (signal: Signal | ForgetOrder): Promise<void> => {
      try {
        await this.turns.run(
          () => left,
          () => store(signal),
        );
      } catch (error) {
        const standsStill = storedAt === undefined || performance.now() - storedAt > STANDSTILL_MS;
        if (!(error instanceof TemporalUnavailableError) || standsStill || performance.now() > deadline) {
          throw error;
        }
        await setTimeout(PAUSE_MS);
        await storeSurely(signal);
      }
    };
    const storeNext = async (): Promise<void> => {
      for (let signals = contacts.pop(); signals && !failure; signals = contacts.pop()) {
        for (const signal of signals) await storeSurely(signal);
      }
    };
    const lane = () =>
      storeNext().catch((error: unknown) => {
        failure ??= { error };
      });
    await Promise.all(Array.from({ length: Math.min(contacts.length, AT_ONCE) }, lane));
    if (failure) throw (failure as { readonly error: unknown }).error;
  }
}

function tooLate(ms: number): TemporalUnavailableError {
  const reason = new Error(`it did not store everything within ${ms / 1000} s`);
  return new TemporalUnavailableError('', reason);
}

/** The last contact first: they are taken from the end. */
function byWorkflow(submissions: readonly Submission[]): (Signal | ForgetOrder)[][] {
  const groups = new Map<string, (Signal | ForgetOrder)[]>();
  const signals = submissions.flatMap(({ signal, forget, former }) => [signal, forget, former]);
  for (const signal of signals.filter((one) => one !== undefined)) {
    const group = groups.get(signal.workflowId);
    if (group) group.push(signal);
    else groups.set(signal.workflowId, [signal]);
  }
  return [...groups.values()].reverse();
}
