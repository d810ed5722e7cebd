import {
  type DidomiSimulator,
  type DidomiSwitches,
  startDidomiSimulator,
  type WebhookMessage,
} from '../../../simulator/didomi';
import { type Harness, type HarnessOptions, someone, startHarness } from './harness';

export const DIDOMI = {
  organizationId: 'acme',
  apiKey: 'didomi-key-of-tests',
  apiSecret: 'didomi-secret-of-tests',
};

/** A simulated Didomi, and consent-sync with access to its API. */
export interface DidomiHarness extends Harness {
  readonly didomi: DidomiSimulator;
  /** A minute passes in Didomi: consent is compared in whole seconds. */
  tick(): void;
}

export async function startDidomiHarness(
  options: HarnessOptions & { readonly switches?: Partial<DidomiSwitches> } = {},
): Promise<DidomiHarness> {
  let now = Date.now() - 24 * 3_600_000;
  const didomi = await startDidomiSimulator({
    ...DIDOMI,
    requestsPer15Seconds: 0,
    now: () => now,
    ...(options.switches && { switches: options.switches }),
  });
  const access = {
    organization_id: DIDOMI.organizationId,
    api_key: DIDOMI.apiKey,
    api_secret: DIDOMI.apiSecret,
    api_url: didomi.url,
  };
  const harness = await startHarness({ ...options, settings: { didomi: access, ...options.settings } });
  return {
    ...harness,
    didomi,
    tick: () => {
      now += 60_000;
    },
    close: async () => {
      await harness.close();
      await didomi.close();
    },
  };
}

/** A person of Didomi's who answers the newsletter purpose, each time a minute later. */
export class Person {
  readonly email: string;
  private readonly user: { readonly id: string; readonly organization_user_id: string };
  private events = 0;

  constructor(
    private readonly harness: DidomiHarness,
    { email = someone(), device = 'phone' }: { email?: string; device?: string } = {},
  ) {
    this.email = email;
    this.user = { id: `${device}-of-${email.toLowerCase()}`, organization_user_id: email };
  }

  get userId(): string {
    return this.user.id;
  }

  /** @returns the event's id, and the messages that Didomi sends */
  answers(enabled: boolean, rest: object = {}): { id: string; messages: readonly WebhookMessage[] } {
    this.events += 1;
    const id = `${this.userId.replace(/[^A-Za-z0-9]/g, '')}-${this.events}`.slice(-60);
    this.harness.tick();
    const consents = { purposes: [{ id: 'newsletter', enabled }] };
    const messages = this.harness.didomi.createEvents({ id, user: this.user, consents, ...rest });
    return { id, messages };
  }

  /** Answers, and waits until that is settled. */
  async says(enabled: boolean): Promise<string> {
    const { id, messages } = this.answers(enabled);
    await this.harness.client.submitAndWait(messages);
    return id;
  }

  /** Deletes the event; of what Didomi sends, the message of the deletion alone. */
  deletes(eventId: string): WebhookMessage {
    this.harness.tick();
    return only('event.deleted', this.harness.didomi.deleteEvent(eventId));
  }

  /** Patches the event so that it says nothing any more; of what Didomi sends, the message of the patch alone. */
  takesBack(eventId: string): WebhookMessage {
    this.harness.tick();
    return only('event.updated', this.harness.didomi.patchEvent(eventId, { consents: { purposes: [] } }));
  }

  erases(): WebhookMessage {
    this.harness.tick();
    return only('user.deleted', this.harness.didomi.deleteUser(this.userId));
  }

  /** What Brevo holds of the person. */
  inBrevo(): { blacklisted: boolean; newsletter: unknown } | undefined {
    const contact = this.harness.simulator.contact({ email: this.email.toLowerCase() });
    return contact && { blacklisted: contact.emailBlacklisted, newsletter: contact.attributes.OPT_EMAIL };
  }
}

export const SUBSCRIBED = { blacklisted: false, newsletter: true };
export const OPTED_OUT = { blacklisted: true, newsletter: false };

function only(type: string, messages: readonly WebhookMessage[]): WebhookMessage {
  const found = messages.find((message) => message.type === type);
  if (!found) throw new Error(`Didomi sends no ${type}`);
  return found;
}
