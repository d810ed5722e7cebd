import { CancellationScope, condition, patched, sleep } from '@temporalio/workflow';
import { awaitBrevo, call } from './brevo-activities';

/** Something that can be called off while it runs. */
export interface Cancellable<T> {
  readonly result: Promise<T>;
  cancel(): void;
}

/** What settling a contact needs of Temporal: how Brevo is asked, and how one waits. */
export interface Surroundings {
  readonly call: typeof call;
  /** Waits until the account answers again. */
  readonly awaitBrevo: typeof awaitBrevo;
  pause(ms: number, summary: string): Promise<void>;
  until(isSo: () => boolean): Promise<void>;
  /** Whether a change of the workflow's code applies here; see docs/versioning.md. */
  patched(change: string): boolean;
  /** Runs something whose calls can be cancelled together. */
  cancellable<T>(run: () => Promise<T>): Cancellable<T>;
}

export const TEMPORAL: Surroundings = {
  call,
  awaitBrevo,
  pause: (ms, summary) => sleep(ms, { summary }),
  until: (isSo) => condition(isSo),
  patched,
  cancellable(run) {
    const scope = new CancellationScope();
    return { result: scope.run(run), cancel: () => scope.cancel() };
  },
};
