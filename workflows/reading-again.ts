import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  proxyActivities,
  sleep,
} from '@temporalio/workflow';
import type { ContactRecord } from './contact-record';
import type { ConsentSyncInput } from './contract';
import type { DidomiActivities, DidomiAnswer, DidomiFailureDetail } from './didomi-contract';
import { spellingsOf } from './spellings';

/** An answer that takes longer than this, in ms, is not waited for where the doubt goes to a no. */
const OVERDUE_MS = 30_000;

/** Before Didomi is asked again after a failure that nobody foresaw, in ms. */
const PAUSE_MS = 30_000;

const START_TO_CLOSE = '3 minutes';
/** A worker that has died is known by then, and somebody else asks. */
const HEARTBEAT_TIMEOUT = '15 seconds';
const RETRY = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;
/** Somebody has to do something first. */
const PATIENT_RETRY = {
  initialInterval: '5 seconds',
  backoffCoefficient: 1.5,
  maximumInterval: '30 seconds',
} as const;

const { readDidomiUser } = proxyActivities<DidomiActivities>({ startToCloseTimeout: START_TO_CLOSE });

/**
 * Asks Didomi what holds whenever something was deleted there. Beside the workflow's main loop, because a question that
 * waits must not keep anything else from being written.
 *
 * @param tell called when the story has changed
 */
export async function keepReadingAgain(
  input: ConsentSyncInput,
  record: ContactRecord,
  tell: () => void,
): Promise<void> {
  try {
    for (;;) {
      await condition(() => record.deletions.mustAsk());
      await readAgain(input, record, tell);
    }
  } catch (error) {
    // The main loop ends the workflow.
    if (!isCancellation(error)) throw error;
  }
}

async function readAgain(input: ConsentSyncInput, record: ContactRecord, tell: () => void): Promise<void> {
  const round = record.deletions.begin();
  const wasHeld = record.state.question?.held !== undefined;
  tell();
  try {
    const answer = await unlessOverdue(() => ask(input, record, wasHeld), record);
    record.learnFromDidomi(round, answer, Date.now());
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    record.holdForDidomi(detailOf(error), Date.now());
    tell();
    if (wasHeld) await sleep(PAUSE_MS, { summary: 'pause: Didomi was asked, and the answer is of no use' });
  }
  tell();
}

function ask(input: ConsentSyncInput, record: ContactRecord, patient: boolean): Promise<DidomiAnswer> {
  const reason = record.state.question?.held?.reason;
  const options = {
    startToCloseTimeout: START_TO_CLOSE,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: patient ? PATIENT_RETRY : RETRY,
    summary: reason ? `wait until Didomi's API works again: ${reason}` : 'read the contact again from Didomi',
  };
  const { integration, identifier } = input;
  const asked = {
    integration,
    organizationUserIds: spellingsOf(record.state, identifier.value),
    users: record.deletions.users(),
    patient,
  };
  return readDidomiUser.executeWithOptions(options, [asked]);
}

/** While an answer is late, what a deletion uncovers of the person's no counts. */
async function unlessOverdue<T>(act: () => Promise<T>, record: ContactRecord): Promise<T> {
  if (record.state.question?.overdue) return act();
  const alarm = new CancellationScope();
  alarm
    .run(() => sleep(OVERDUE_MS, { summary: 'until an older no that the deletion uncovers counts' }))
    .then(
      () => record.stopWaitingForDidomi(),
      () => undefined,
    );
  try {
    return await act();
  } finally {
    alarm.cancel();
  }
}

function detailOf({ cause }: ActivityFailure): DidomiFailureDetail {
  const [detail] = (cause instanceof ApplicationFailure && cause.details) || [];
  return (
    (detail as DidomiFailureDetail | undefined) ?? {
      reason: 'Didomi could not be asked: see the history.',
    }
  );
}
