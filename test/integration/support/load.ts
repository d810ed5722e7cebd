import { expect } from '@jest/globals';
import { until } from '../../support/until';
import { eventCreated, type Harness, someone } from './harness';

interface Sent {
  readonly id: string;
  /** ms since 1970 */
  readonly at: number;
  readonly enabled: boolean;
}

const DAY = 86_400_000;

/** Events that a contact gets at once every so often, in ms. */
const PAUSE_MS = 250;

/** Long enough for what a stopped worker had in its hands: Temporal misses its heartbeats after 15 s. */
const SETTLED_WITHIN_MS = 60_000;

/** People who keep changing their minds, and whose events come in any order. */
export class Load {
  readonly people: readonly string[];
  /** How often everybody has sent an event. */
  waves = 0;
  private readonly sent = new Map<string, Sent[]>();
  private readonly start = Date.now() - DAY;
  private ending = false;
  private readonly ended: Promise<void>;

  constructor(
    private readonly harness: Harness,
    people: number,
  ) {
    this.people = Array.from({ length: people }, someone);
    this.ended = this.run();
    this.ended.catch(() => undefined);
  }

  async untilWaves(more: number): Promise<void> {
    const enough = this.waves + more;
    await until(`${more} more waves of events`, () => this.waves >= enough);
  }

  async end(): Promise<void> {
    this.ending = true;
    await this.ended;
  }

  /** Brevo holds what everybody chose last, and every event was told an outcome. */
  async expectNothingLost(): Promise<void> {
    const { simulator, client } = this.harness;
    for (const person of this.people) {
      const sent = this.sent.get(person) ?? [];
      const { enabled } = sent.reduce((a, b) => (a.at > b.at ? a : b));
      const held = () => simulator.contact({ email: person });
      const story = async () => (await client.status(person))[0];
      await until(
        'every event has an outcome',
        async () => {
          const events = (await story())?.events ?? [];
          return events.length === sent.length && events.every(({ outcome }) => outcome !== undefined);
        },
        SETTLED_WITHIN_MS,
      );
      expect((await story())?.events.map(({ eventId }) => eventId).sort()).toEqual(
        sent.map(({ id }) => id).sort(),
      );
      expect(held()).toMatchObject({ emailBlacklisted: !enabled, attributes: { OPT_EMAIL: enabled } });
    }
  }

  private async run(): Promise<void> {
    while (!this.ending) {
      await this.harness.client.submit(this.people.map((person, index) => this.nextEvent(person, index)));
      this.waves += 1;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  private nextEvent(person: string, index: number) {
    const sent = this.sent.get(person) ?? [];
    // Every third one is older than the one before it.
    const minute = this.waves % 3 === 2 ? this.waves - 2 : this.waves;
    const at = this.start + minute * 60_000 + this.waves * 1000;
    const enabled = (this.waves + index) % 2 === 0;
    const event = eventCreated(person, enabled, { at: new Date(at).toISOString() });
    this.sent.set(person, [...sent, { id: event.parameters.entity.id, at: Math.floor(at / 1000), enabled }]);
    return event;
  }
}
