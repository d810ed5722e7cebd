import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { ContactRecord } from './contact-record';
import { newContactState } from './contact-state';
import {
  CONSENT_CHANGE_SIGNAL,
  type ConsentSyncInput,
  type SettledChange,
  STATUS_QUERY,
  SUBMIT_AND_WAIT_UPDATE,
  type SubmittedChange,
} from './contract';
import { Publisher } from './publisher';
import { settle } from './settle';
import { statusOf } from './status';
import type { ConsentSyncStatus } from './story';

const consentChange = defineSignal<[SubmittedChange]>(CONSENT_CHANGE_SIGNAL);
const submitAndWait = defineUpdate<SettledChange, [SubmittedChange]>(SUBMIT_AND_WAIT_UPDATE);
const status = defineQuery<ConsentSyncStatus>(STATUS_QUERY);

/**
 * Keeps one Brevo contact of one integration in step with its consent. Open until `remember` has passed since
 * the last event, and as long as something is held or rejected. What it did last is its result.
 */
export async function consentSync(input: ConsentSyncInput): Promise<ConsentSyncStatus> {
  const record = new ContactRecord(input.carried ?? newContactState());
  const publisher = new Publisher(input, record);
  setHandler(status, () => statusOf(input, record));
  setHandler(consentChange, (change) => {
    record.receive(change, Date.now());
  });
  setHandler(submitAndWait, async (change) => {
    const ticket = record.receive(change, Date.now());
    await condition(() => ticket.outcome !== undefined);
    return { outcome: ticket.outcome ?? 'unchanged' };
  });

  const remembering = new Remembering(record);
  let published = -1;
  for (;;) {
    if (record.owesSomething()) await settle(input, record, () => publisher.publish());
    if (record.revision !== published) {
      published = record.revision;
      publisher.publish();
      log.info('settled', {
        outcome: record.shownOutcome(),
        integration: input.integration,
        event: record.state.events.at(-1)?.eventKey,
      });
    }
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      if (!record.owesSomething())
        await continueAsNew<typeof consentSync>({ ...input, carried: record.state });
      continue;
    }
    if (remembering.isOver()) {
      await condition(allHandlersFinished);
      if (!record.owesSomething() && remembering.isOver()) return statusOf(input, record);
      continue;
    }
    remembering.start();
    await condition(
      () =>
        record.owesSomething() ||
        record.revision !== published ||
        remembering.isOver() ||
        workflowInfo().continueAsNewSuggested,
    );
  }
}

/**
 * The time that a contact stays open after its last event. One timer runs until it is due, however many events
 * arrive meanwhile: a timer an event would double the history.
 */
class Remembering {
  private running = false;

  constructor(private readonly record: ContactRecord) {}

  isOver(): boolean {
    const { held, refused, rules, lastEventAt } = this.record.state;
    if (held || refused.length > 0 || !rules) return false;
    return Date.now() >= lastEventAt + rules.rememberMs;
  }

  start(): void {
    const { rules, lastEventAt } = this.record.state;
    if (this.running || !rules || this.isOver()) return;
    this.running = true;
    void sleep(Math.max(1, lastEventAt + rules.rememberMs - Date.now())).then(
      () => {
        this.running = false;
      },
      () => undefined,
    );
  }
}
