import { createHmac } from 'node:crypto';
import type { Identifier } from '../consent/identifier';

/** Event ids of this form cannot hold an e-mail address, and are shown and searched for as they are. */
const PLAIN_EVENT_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Makes the names by which contacts and events are known in Temporal, so that these hold no personal data. */
export class Keys {
  /** @param idKey secret; with another one, open workflows are not found again */
  constructor(private readonly idKey: string) {}

  /** Keyed hash (HMAC-SHA-256, hex) of an identifier. */
  contactKey({ kind, value }: Identifier): string {
    return this.hash(`contact:${kind}:${value}`);
  }

  /** `consent-sync/<integration>/<contact key>` */
  workflowId(integration: string, identifier: Identifier): string {
    return `consent-sync/${integration}/${this.contactKey(identifier)}`;
  }

  /** The event id itself where it cannot identify a person, else a keyed hash of it. */
  eventKey(eventId: string): string {
    return PLAIN_EVENT_ID.test(eventId) ? eventId : `h-${this.hash(`event:${eventId}`).slice(0, 32)}`;
  }

  private hash(text: string): string {
    return createHmac('sha256', this.idKey).update(text).digest('hex');
  }
}

/** The contact key of a workflow id. */
export function contactKeyIn(workflowId: string): string {
  return workflowId.slice(workflowId.lastIndexOf('/') + 1);
}
