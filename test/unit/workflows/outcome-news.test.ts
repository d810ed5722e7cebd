import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../../consent/outcome';
import { BLACKLIST_FLAG } from '../../../consent/rules';
import type { Statement } from '../../../consent/statement';
import { ContactRecord, type Settlement } from '../../../workflows/contact-record';
import { newContactState } from '../../../workflows/contact-state';
import type { SubmittedChange } from '../../../workflows/contract';
import { OutcomeNews } from '../../../workflows/outcome-news';
import { testRules } from '../../support/rules';

const NEWS = 'consents_purposes_newsletter_enabled';
const MAIL = 'consents_purposes_mail_enabled';

const RULES = testRules({
  integration: 'shop',
  mappings: [
    { id: 'NEWS', value: NEWS },
    { id: BLACKLIST_FLAG, value: MAIL },
  ],
  rememberMs: 86_400_000,
});

/** An event of this time in s, in which the person chose this. */
function event(at: number, values: Record<string, boolean>, more: Partial<SubmittedChange> = {}) {
  const eventId = `e${at}`;
  const statements = Object.entries(values).map(([path, value]): Statement => {
    return { regulation: 'gdpr', path, user: 'u', choice: { value, at, known: at, eventId } };
  });
  const change: SubmittedChange = {
    eventId,
    eventKey: `key-${eventId}`,
    type: 'event.created',
    receivedAt: at * 1000,
    rulesVersion: 'v1',
    statements,
    ...more,
  };
  return change;
}

/** A contact whose rounds end as the test says. */
class Contacted {
  readonly record: ContactRecord;
  readonly news: OutcomeNews;

  constructor(
    readonly state = newContactState(),
    private readonly rules = RULES,
  ) {
    this.record = new ContactRecord(state);
    this.news = new OutcomeNews('shop', this.record);
  }

  receive(change: SubmittedChange): void {
    this.record.receive(change, 1_000_000);
  }

  settle(settlement: Outcome | Settlement): void {
    const ended = typeof settlement === 'string' ? { outcome: settlement, refused: [] } : settlement;
    const look = { contact: null, rules: this.rules, rulesVersion: 'v1', targets: [] };
    this.record.learn(look, 1_000_000, 1_000_000);
    this.record.settle(this.record.inbox.begin(), ended, 1_000_000);
  }
}

describe('the news of a contact', () => {
  it('are an outcome, the events that came to it, and the choices that Brevo holds now; told once', () => {
    const contact = new Contacted();
    expect(contact.news.take()).toBeUndefined();
    contact.receive(event(100, { [NEWS]: true, [MAIL]: false }));
    expect(contact.news.take()).toBeUndefined();
    contact.settle('created');
    expect(contact.news.take()).toEqual({
      integration: 'shop',
      outcome: 'created',
      events: [{ eventKey: 'key-e100', type: 'event.created', outcome: 'created' }],
      reasons: [],
      calls: 0,
      choices: [
        { id: 'NEWS', eventKey: 'key-e100', at: 100, withdrawal: false },
        { id: BLACKLIST_FLAG, eventKey: 'key-e100', at: 100, withdrawal: true },
      ],
    });
    expect(contact.news.take()).toBeUndefined();
  });

  it('are none when an event comes twice', () => {
    const contact = new Contacted();
    contact.receive(event(100, { [NEWS]: true }));
    contact.settle('created');
    contact.news.take();
    contact.receive(event(100, { [NEWS]: true }));
    expect(contact.news.take()).toBeUndefined();
  });

  it('tell of each event on its own where one was older, and of no choice that was replaced', () => {
    const contact = new Contacted();
    contact.receive(event(100, { [NEWS]: true }));
    contact.receive(event(200, { [NEWS]: false }));
    contact.receive(event(50, { [NEWS]: true }));
    contact.settle('created');
    const told = contact.news.take();
    expect(told?.events.map(({ eventKey, outcome }) => [eventKey, outcome])).toEqual([
      ['key-e100', 'created'],
      ['key-e200', 'created'],
      ['key-e50', 'stale'],
    ]);
    expect(told?.choices).toEqual([{ id: 'NEWS', eventKey: 'key-e200', at: 200, withdrawal: true }]);
  });

  it('tell that it is held, and of its choices only when Brevo holds them', () => {
    const contact = new Contacted();
    contact.receive(event(100, { [NEWS]: false }));
    contact.record.hold({ reason: 'wrong key' }, 1_000_000);
    expect(contact.news.take()).toMatchObject({
      outcome: 'held',
      events: [{ eventKey: 'key-e100', outcome: 'held' }],
      choices: [],
    });
    contact.settle('updated');
    expect(contact.news.take()).toMatchObject({
      outcome: 'updated',
      events: [{ eventKey: 'key-e100', outcome: 'updated' }],
      choices: [{ id: 'NEWS', at: 100 }],
    });
  });

  it('tell of a choice that is refused once it is written after all', () => {
    const contact = new Contacted();
    contact.receive(event(100, { [NEWS]: true, [MAIL]: false }));
    contact.settle({ outcome: 'created', refused: [{ id: 'NEWS', reason: 'no such attribute' }] });
    expect(contact.news.take()).toMatchObject({ outcome: 'rejected', choices: [{ id: BLACKLIST_FLAG }] });
    contact.record.retry();
    contact.settle('updated');
    expect(contact.news.take()).toMatchObject({
      outcome: 'updated',
      events: [],
      choices: [{ id: 'NEWS', at: 100 }],
    });
  });

  it.each([
    ['an opt-in that is guarded', { outcome: 'unchanged', refused: [], guarded: 'resubscribe_never' }, true],
    ['a contact that Brevo does not have', { outcome: 'skipped', refused: [] }, false],
  ] as const)('tell of no choice in force for %s', (_, settlement, optIn) => {
    const contact = new Contacted();
    contact.receive(event(100, { [MAIL]: optIn }));
    contact.settle(settlement);
    expect(contact.news.take()?.choices).toEqual([]);
  });

  it('say so where nothing was written', () => {
    const contact = new Contacted(newContactState(), { ...RULES, dryRun: true });
    contact.receive(event(100, { [MAIL]: false }));
    contact.settle('created');
    expect(contact.news.take()).toMatchObject({ outcome: 'created', dryRun: true, choices: [] });
  });

  it('tell of no choice that only a resync brought: how old it is says nothing of us', () => {
    const contact = new Contacted();
    contact.receive(
      event(100, { [MAIL]: false }, { eventId: 'resync-1', eventKey: 'r', type: 'resync', bulk: true }),
    );
    contact.settle('updated');
    expect(contact.news.take()).toMatchObject({
      outcome: 'updated',
      events: [{ eventKey: 'r', type: 'resync' }],
      choices: [],
    });
  });

  it('begin in a new run with what the run before had not settled', () => {
    const before = new Contacted();
    before.receive(event(100, { [NEWS]: true }));
    before.settle('created');
    before.receive(event(200, { [MAIL]: false }));
    before.record.inbox.handOver();
    const contact = new Contacted(structuredClone(before.state));
    expect(contact.news.take()).toBeUndefined();
    contact.settle('updated');
    expect(contact.news.take()).toMatchObject({
      outcome: 'updated',
      events: [{ eventKey: 'key-e200' }],
      choices: [{ id: BLACKLIST_FLAG, at: 200 }],
    });
  });

  it('say how many calls it took, and why something was refused, without what may be a value', () => {
    const contact = new Contacted();
    contact.receive(event(100, { [NEWS]: true, [MAIL]: false }));
    contact.record.brevo.noteCall('lookUpContact', 1_000_000, 'found');
    contact.record.brevo.noteCall('updateContact', 1_000_000, 'done');
    contact.settle({
      outcome: 'updated',
      refused: [
        { id: 'NEWS', reason: 'has no option "weekly" in Brevo', status: 400, code: 'invalid_parameter' },
      ],
    });
    expect(contact.news.take()).toMatchObject({
      calls: 2,
      reasons: [{ id: 'NEWS', status: 400, code: 'invalid_parameter', text: 'has no option "…" in Brevo' }],
    });
    contact.receive(event(200, { [MAIL]: true }));
    contact.settle({ outcome: 'unchanged', refused: [], guarded: 'resubscribe_never' });
    expect(contact.news.take()).toMatchObject({
      calls: 0,
      reasons: [{ id: BLACKLIST_FLAG, code: 'resubscribe_never' }],
    });
  });
});
