import { defineSearchAttributeKey } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { ContactRecord } from './contact-record';
import { type ConsentSyncInput, SEARCH_ATTRIBUTES, SEARCHABLE_EVENT_IDS } from './contract';
import { currentDetails } from './narrative';
import { statusOf } from './status';

const OUTCOME = defineSearchAttributeKey(SEARCH_ATTRIBUTES.outcome, 'KEYWORD');
const EVENT_IDS = defineSearchAttributeKey(SEARCH_ATTRIBUTES.eventIds, 'KEYWORD_LIST');

/** Tells the Temporal UI what became of the contact. An unchanged story costs no history event. */
export class Publisher {
  private published: string;

  constructor(
    private readonly input: ConsentSyncInput,
    private readonly record: ContactRecord,
  ) {
    // Whoever starts the workflow sets the event ids; a continued run inherits everything.
    this.published = input.carried ? this.shown() : '';
  }

  /** Costs nothing in the history. */
  describe(): void {
    setCurrentDetails(currentDetails(statusOf(this.input, this.record), this.record.state));
  }

  publish(): void {
    this.describe();
    const shown = this.shown();
    if (shown === this.published) return;
    this.published = shown;
    const outcome = this.record.shownOutcome();
    upsertSearchAttributes([
      ...(outcome ? [{ key: OUTCOME, value: outcome }] : []),
      { key: EVENT_IDS, value: this.eventKeys() },
    ]);
  }

  private shown(): string {
    return JSON.stringify([this.record.shownOutcome(), this.eventKeys()]);
  }

  private eventKeys(): string[] {
    const keys = new Set(this.record.state.events.map(({ eventKey }) => eventKey).reverse());
    return [...keys].slice(0, SEARCHABLE_EVENT_IDS).reverse();
  }
}
