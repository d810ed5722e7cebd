import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  patched,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { ContactRecord } from './contact-record';
import { newContactState } from './contact-state';
import {
  CONSENT_CHANGE_SIGNAL,
  type ConsentSyncInput,
  RETRY_SIGNAL,
  type SettledChange,
  STATUS_QUERY,
  SUBMIT_AND_WAIT_UPDATE,
  type SubmittedChange,
} from './contract';
import { FORGET_SIGNAL, type ForgetWish } from './forget/contract';
import { OutcomeNews } from './outcome-news';
import { tellWorker } from './outcome-sink';
import { Publisher } from './publisher';
import { keepReadingAgain } from './reading-again';
import { settle } from './settle';
import { settledChange, statusOf } from './status';
import type { ConsentSyncStatus } from './story';
import { takeTraces } from './trace-relay';

const consentChange = defineSignal<[SubmittedChange]>(CONSENT_CHANGE_SIGNAL);
const submitAndWait = defineUpdate<SettledChange, [SubmittedChange]>(SUBMIT_AND_WAIT_UPDATE);
const retryFailed = defineSignal(RETRY_SIGNAL);
/** The change with which a contact is tried again when somebody asks for it. */
const TRIES_AGAIN = 'tries-again-when-asked';
const forget = defineSignal<[ForgetWish]>(FORGET_SIGNAL);
/** The change with which a contact ends when it is to be forgotten. */
const ENDS_WHEN_FORGOTTEN = 'ends-when-forgotten';
const status = defineQuery<ConsentSyncStatus>(STATUS_QUERY);

/**
 * Keeps one Brevo contact of one integration in step with its consent. Open until `remember` has passed since
 * the last event, and as long as something is held or rejected. What it did last is its result.
 */
export async function consentSync(input: ConsentSyncInput): Promise<ConsentSyncStatus> {
  const record = new ContactRecord(input.carried ?? newContactState());
  const publisher = new Publisher(input, record);
  const news = new OutcomeNews(input.integration, record);
  const tellOutcome = () => {
    const report = news.take();
    if (report) tellWorker({ ...report, traces: takeTraces() });
  };
  const publish = () => {
    publisher.publish();
    tellOutcome();
  };
  setHandler(status, () => statusOf(input, record));
  setHandler(consentChange, (change) => {
    record.receive(asUnderstood(change), Date.now());
  });
  setHandler(retryFailed, () => {
    // An earlier version that got the signal has done nothing.
    if (patched(TRIES_AGAIN)) record.retry();
  });
  setHandler(forget, (wish) => {
    // An earlier version that got the signal has gone on.
    if (patched(ENDS_WHEN_FORGOTTEN)) record.forget(wish);
  });
  setHandler(submitAndWait, async (change) => {
    const ticket = record.receive(asUnderstood(change), Date.now(), true);
    await condition(() => ticket.outcome !== undefined);
    return settledChange(ticket.outcome ?? 'unchanged', record);
  });

  void keepReadingAgain(input, record, publish);
  const alarm = new Alarm();
  const newRunIsDue = () => workflowInfo().continueAsNewSuggested;
  let told = -1;
  for (;;) {
    record.recheckIfDue(Date.now());
    if (record.inbox.owesSomething()) {
      publisher.describe();
      await settle(input, record, { tell: publish, settled: tellOutcome, leave: newRunIsDue });
    }
    publish();
    told = record.revision;

    if (newRunIsDue() && record.inbox.nobodyWaits()) {
      record.deletions.release();
      await condition(() => allHandlersFinished() || !record.inbox.nobodyWaits());
      if (!record.inbox.nobodyWaits()) continue;
      record.inbox.handOver();
      await continueAsNew<typeof consentSync>({ ...input, carried: record.state });
    }
    if (isOver(record)) {
      await condition(() => allHandlersFinished() || record.inbox.owesSomething());
      if (!record.inbox.owesSomething() && isOver(record)) return statusOf(input, record);
      continue;
    }
    const rung = alarm.rung;
    alarm.set(earliest(record.closesAt(), record.state.recheckAt));
    await condition(
      () => record.inbox.owesSomething() || record.revision !== told || alarm.rung !== rung || newRunIsDue(),
    );
  }
}

/** A run of an older worker asked nothing after a patch. */
function asUnderstood(change: SubmittedChange): SubmittedChange {
  const { readAgain, ...rest } = change;
  return readAgain === undefined || patched('read-again-after-a-patch') ? change : rest;
}

function isOver(record: ContactRecord): boolean {
  const closesAt = record.closesAt();
  return closesAt !== undefined && Date.now() >= closesAt;
}

function earliest(...times: (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

/**
 * Rings at a time. A timer that runs is left running when a later time is set, and the caller sets it again when it
 * rings: a timer for every event would double the history.
 */
class Alarm {
  /** How often it rang. */
  rung = 0;
  private setFor = Number.POSITIVE_INFINITY;

  /** @param time ms since 1970; undefined = no time is due */
  set(time: number | undefined): void {
    if (time === undefined || this.setFor <= time) return;
    this.setFor = time;
    sleep(Math.max(1, time - Date.now()), { summary: 'close, or look again, unless an event arrives' }).then(
      () => {
        if (this.setFor === time) this.setFor = Number.POSITIVE_INFINITY;
        this.rung += 1;
      },
      () => undefined,
    );
  }
}
