import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isOptOut } from '../../consent/statement';
import { statementsOf } from '../../didomi/api/answer';
import { DidomiApi } from '../../didomi/api/didomi-api';
import { interpret } from '../../didomi/interpret';
import { readMessage } from '../../didomi/message';
import { type DidomiSimulator, startDidomiSimulator, type WebhookMessage } from '../../simulator/didomi';
import { ContactRecord } from '../../workflows/contact-record';
import { newContactState } from '../../workflows/contact-state';
import type { DeletionRound } from '../../workflows/deletions';
import type { DidomiAnswer } from '../../workflows/didomi-contract';
import { testRules } from '../support/rules';
import { SEED } from '../support/seed';

const PURPOSES = ['news', 'mail'] as const;
const pathOf = (purpose: string) => `consents_purposes_${purpose}_enabled`;
const WHO = 'ana@example.com';
const CREDENTIALS = { organizationId: 'acme', apiKey: 'key', apiSecret: 'secret' };
const RULES = testRules({
  mappings: PURPOSES.map((purpose) => ({ id: purpose.toUpperCase(), value: pathOf(purpose) })),
});
const BEGIN = Date.parse('2026-03-01T00:00:00Z');

let didomi: DidomiSimulator;
let api: DidomiApi;
let now = BEGIN;
beforeAll(async () => {
  didomi = await startDidomiSimulator({ ...CREDENTIALS, requestsPer15Seconds: 0, now: () => now });
  api = new DidomiApi({ ...CREDENTIALS, apiUrl: didomi.url, now: () => now });
});
afterAll(async () => {
  api.close();
  await didomi.close();
});

/** What somebody does in Didomi; a number picks among what there is. */
type Deed =
  | { readonly kind: 'says'; readonly purpose: string; readonly value: boolean }
  | { readonly kind: 'patches'; readonly which: number; readonly value: boolean }
  | { readonly kind: 'deletes'; readonly which: number }
  | { readonly kind: 'erases' };

/** Didomi with one person in it: does deeds, a minute each, and gives the messages. */
class Didomi {
  private readonly purposes = new Map<string, string>();
  private count = 0;

  constructor(switches: Parameters<DidomiSimulator['setSwitches']>[0]) {
    didomi.reset();
    didomi.setSwitches({ deletedEvent: 'whole', ...switches });
    now = BEGIN;
  }

  does(deed: Deed): readonly WebhookMessage[] {
    now += 60_000;
    switch (deed.kind) {
      case 'says': {
        this.count += 1;
        const id = `e${this.count}`;
        this.purposes.set(id, deed.purpose);
        const user = { id: 'phone', organization_user_id: WHO };
        return didomi.createEvents({ id, user, consents: consents(deed.purpose, deed.value) });
      }
      case 'patches': {
        const id = this.pick(deed.which);
        return id
          ? didomi.patchEvent(id, { consents: consents(this.purposes.get(id) ?? '', deed.value) })
          : [];
      }
      case 'deletes': {
        const id = this.pick(deed.which);
        return id ? didomi.deleteEvent(id) : [];
      }
      case 'erases':
        return didomi.users().length > 0 ? didomi.deleteUser('phone') : [];
    }
  }

  /** What Didomi holds; undefined where it is silent. */
  holds(purpose: string): boolean | undefined {
    const [record] = didomi.users();
    const item = record?.user.consents.purposes.find(({ id }) => id === purpose);
    return item?.enabled as boolean | undefined;
  }

  private pick(which: number): string | undefined {
    const ids = didomi.events().map(({ id }) => id);
    return ids[which % Math.max(1, ids.length)];
  }
}

function consents(purpose: string, enabled: boolean) {
  return { purposes: [{ id: purpose, enabled }] };
}

/** The contact's workflow without Temporal, and a Brevo that takes everything at once. */
class Contacted {
  readonly record = new ContactRecord(newContactState());
  readonly brevo = new Map<string, unknown>();
  readonly said = new Set<string>();
  private reading: { readonly round: DeletionRound; readonly answer: DidomiAnswer } | undefined;

  receive(message: WebhookMessage): void {
    const read = interpret(readMessage(structuredClone(message)), RULES, now, { canAskDidomi: true });
    if (read.status !== 'accepted') return;
    for (const one of read.change.statements) {
      if ('choice' in one) this.said.add(`${one.path}=${one.choice.value}`);
      if ('snapshot' in one) this.said.add(`${one.path}=${one.snapshot.value}`);
    }
    this.record.receive({ ...read.change, eventKey: read.eventId, rulesVersion: 'v1' }, now);
  }

  /** Begins to ask Didomi, if something has to be asked and nothing is being asked. */
  async ask(): Promise<void> {
    const { deletions } = this.record;
    if (this.reading || !deletions.mustAsk()) return;
    const round = deletions.begin();
    const users = deletions.users();
    const records = await api.usersOf(WHO, { regulations: ['gdpr'] });
    const paths = PURPOSES.map(pathOf);
    const statements = statementsOf(records, { paths, regulations: ['gdpr'], users }, now);
    this.reading = {
      round,
      answer: { records: records.length, statements, rules: RULES, rulesVersion: 'v1' },
    };
  }

  /** The answer, which may be old by now, arrives. */
  hear(): void {
    if (this.reading) this.record.learnFromDidomi(this.reading.round, this.reading.answer, now);
    this.reading = undefined;
  }

  async askUntilNothingIsOwed(): Promise<void> {
    this.hear();
    while (this.record.deletions.mustAsk()) {
      await this.ask();
      this.hear();
    }
  }

  /** @returns what was written */
  write(): string[] {
    return this.record.wanted.wishes().flatMap(({ path, value }) => {
      if (this.brevo.get(path) === value) return [];
      this.brevo.set(path, value);
      return [`${path}=${value}`];
    });
  }
}

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('says' as const),
      purpose: fc.constantFrom(...PURPOSES),
      value: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('patches' as const), which: fc.nat(9), value: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('deletes' as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'erases' as const }) },
);

const history = fc.record({
  deeds: fc.array(deed, { minLength: 1, maxLength: 10 }),
  /** What happens next, of what can happen. */
  order: fc.array(fc.nat(1_000), { minLength: 40, maxLength: 40 }),
  again: fc.array(fc.nat(1_000), { minLength: 12, maxLength: 12 }),
  switches: fc.record({
    deletionSource: fc.constantFrom('absent' as const, 'deleted_event' as const),
    deletedUserEvents: fc.constantFrom('silent' as const, 'told' as const),
    recordRegulation: fc.constantFrom('absent' as const, 'shown' as const),
  }),
  /** Whether Didomi sends user.* messages too. */
  userMessages: fc.boolean(),
  /** Whether events say since when Didomi has them: without that it counts when they reach us, however late. */
  updatedAt: fc.boolean(),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** Everything happens, in an order that the numbers choose; at last all messages have arrived. */
async function live({ deeds, order, again, switches, userMessages, updatedAt }: History) {
  const world = new Didomi(switches);
  const contact = new Contacted();
  // A patch that does not say when it was made cannot be told from the event's creation.
  const left = deeds.filter(({ kind }) => updatedAt || kind !== 'patches');
  const all: WebhookMessage[] = [];
  const underWay: WebhookMessage[] = [];
  const act = (one: Deed): void => {
    const messages = world
      .does(one)
      .filter(({ type }) => userMessages || type !== 'user.updated')
      .map((message) => (updatedAt ? message : withoutUpdatedAt(message)));
    all.push(...messages);
    underWay.push(...messages);
  };
  const deliver = (pick: number): void => {
    const [message] = underWay.splice(pick % Math.max(1, underWay.length), 1);
    if (message) contact.receive(message);
  };
  for (const number of order) {
    const pick = Math.floor(number / 5);
    switch (number % 5) {
      case 0: {
        const next = left.shift();
        if (next) act(next);
        break;
      }
      case 1:
        deliver(pick);
        break;
      case 2:
        await contact.ask();
        break;
      case 3:
        contact.hear();
        break;
      default:
        contact.write();
    }
  }
  for (const one of left) act(one);
  underWay.push(...again.flatMap((number) => all[number % Math.max(1, all.length)] ?? []));
  for (const number of [...again, ...order]) deliver(number);
  while (underWay.length > 0) deliver(0);
  await contact.askUntilNothingIsOwed();
  contact.write();
  return { world, contact, all };
}

function withoutUpdatedAt(message: WebhookMessage): WebhookMessage {
  if (message.type !== 'event.created') return message;
  const { updated_at: _, ...entity } = message.parameters.entity as Record<string, unknown>;
  return { ...message, parameters: { entity } };
}

const RUNS = Number(process.env.PROPERTY_CASES ?? 300);

describe(`deletions in Didomi, delivered in any order, doubled and mixed with everything else (seed ${SEED})`, () => {
  it('end in what Didomi holds, and in no yes where Didomi is silent', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (lived) => {
        const { world, contact } = await live(lived);
        for (const purpose of PURPOSES) {
          const held = world.holds(purpose);
          const wish = contact.record.wanted.wishes().find(({ path }) => path === pathOf(purpose));
          if (held !== undefined)
            expect([purpose, contact.brevo.get(pathOf(purpose))]).toEqual([purpose, held]);
          else expect([purpose, wish === undefined || isOptOut(wish.inForce.value)]).toEqual([purpose, true]);
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
  }, 120_000);

  it('leave nothing to write when all of it comes once more, save a no that the person said', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (lived) => {
        const { world, contact, all } = await live(lived);
        const writes: string[] = [];
        for (const number of lived.order) {
          const message = all[number % Math.max(1, all.length)];
          if (message) contact.receive(message);
          writes.push(...contact.write());
          if (number % 3 === 0) await contact.askUntilNothingIsOwed();
          writes.push(...contact.write());
        }
        for (const written of writes) {
          const isNo = written.endsWith('=false') && contact.said.has(written);
          const silent = PURPOSES.every(
            (purpose) => !written.startsWith(pathOf(purpose)) || world.holds(purpose) === undefined,
          );
          expect([written, isNo && silent]).toEqual([written, true]);
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
  }, 120_000);

  it('never let a no be written that nobody said', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (lived) => {
        const { contact } = await live(lived);
        for (const [path, value] of contact.brevo) {
          if (value === false) expect(contact.said).toContain(`${path}=false`);
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
  }, 120_000);
});
