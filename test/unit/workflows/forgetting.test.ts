import { describe, expect, it } from '@jest/globals';
import { BLACKLIST_FLAG } from '../../../consent/rules';
import type { ConsentValue } from '../../../consent/statement';
import { ContactRecord } from '../../../workflows/contact-record';
import { newContactState } from '../../../workflows/contact-state';
import { testRules } from '../../support/rules';

const MAIL = 'consents_purposes_mail_enabled';
const NEWS = 'consents_purposes_news_enabled';
const RULES = testRules({
  mappings: [
    { id: BLACKLIST_FLAG, value: MAIL },
    { id: 'NEWS', value: NEWS },
  ],
  rememberMs: 1_000_000,
});
const NOW = 1_000_000;
const REFUSED = { reason: 'Brevo refuses it', status: 400 };

/** A contact of whom an event says this; times in s. */
class Contacted {
  readonly record = new ContactRecord({ ...newContactState(), rules: RULES });

  says(path: string, value: ConsentValue, at: number, user = 'ana'): this {
    const choice = { value, at, known: at, eventId: `e${at}${user}` };
    this.record.receive(
      {
        eventId: `e${at}${user}`,
        eventKey: `e${at}${user}`,
        type: 'event.created',
        receivedAt: NOW,
        rulesVersion: 'v1',
        statements: [{ regulation: 'gdpr', path, user, choice }],
      },
      NOW,
    );
    return this;
  }

  /** Brevo takes everything, but what it refuses. */
  settled(refused: readonly { readonly id?: string; readonly reason: string }[] = []): this {
    const { record } = this;
    const contact = { id: 7, emailBlacklisted: false, attributes: {} };
    const targets = [{ id: 'NEWS', name: 'NEWS', type: { kind: 'boolean' as const } }];
    const look = record.inbox.begin();
    record.learn({ contact, rules: RULES, rulesVersion: 'v1', targets }, NOW, NOW);
    record.inbox.keep(look);
    record.settle(record.inbox.begin(), { outcome: 'updated', refused }, NOW);
    return this;
  }

  /** In s. */
  erased(user?: string, at = 900): this {
    this.record.forget({ at: at * 1_000, ...(user !== undefined && { user }) });
    return this;
  }

  wants(): Record<string, ConsentValue | undefined> {
    return Object.fromEntries(this.record.wanted.wishes().map(({ id, value }) => [id, value]));
  }
}

const endsAtOnce = ({ record }: Contacted) => record.closesAt() === NOW;
const staysOpen = ({ record }: Contacted) => record.closesAt() === undefined;

describe('a contact that is to be forgotten', () => {
  it('ends at once when Brevo has everything, and else stays open as long as ever', () => {
    const contacted = new Contacted().says(MAIL, false, 100).settled();
    expect(contacted.record.closesAt()).toBe(NOW + RULES.rememberMs);
    expect(endsAtOnce(contacted.erased('ana'))).toBe(true);
  });

  it.each([
    ['that is not written yet', [{ id: BLACKLIST_FLAG, ...REFUSED }]],
    ['of a contact that Brevo refuses as a whole', [REFUSED]],
  ])('stays open for a withdrawal %s', (_, refused) => {
    const contacted = new Contacted().says(MAIL, false, 100).settled(refused).erased();
    expect(staysOpen(contacted)).toBe(true);
    expect(contacted.record.wanted.unwrittenWithdrawals()).toEqual([BLACKLIST_FLAG]);
  });

  it('does not stay open for anything else that Brevo refuses', () => {
    const contacted = new Contacted().says(MAIL, false, 100).says(NEWS, true, 101);
    contacted.settled([{ id: 'NEWS', ...REFUSED }]);
    expect(staysOpen(contacted)).toBe(true);
    expect(endsAtOnce(contacted.erased())).toBe(true);
    expect(contacted.record.wanted.unwrittenWithdrawals()).toEqual([]);
  });

  it('owes its withdrawal while the account is held', () => {
    const contacted = new Contacted().says(MAIL, false, 100).erased();
    contacted.record.hold(REFUSED, NOW);
    expect(staysOpen(contacted)).toBe(true);
    expect(contacted.record.wanted.unwrittenWithdrawals()).toEqual([BLACKLIST_FLAG]);
  });

  it('is subscribed to nothing any more that is not written yet, and is not kept from withdrawing', () => {
    const contacted = new Contacted().says(MAIL, true, 100).says(NEWS, false, 101).erased('ana');
    expect(contacted.wants()).toEqual({ NEWS: false });
  });

  it('is not taken back to what the person had said before', () => {
    const contacted = new Contacted().says(MAIL, false, 100).says(MAIL, true, 200).erased('ana');
    expect(contacted.wants()).toEqual({});
  });

  it('may choose anew', () => {
    const contacted = new Contacted().says(MAIL, true, 100).erased('ana').says(MAIL, true, 950);
    expect(contacted.wants()).toEqual({ [BLACKLIST_FLAG]: true });
  });

  it('is remembered as long as ever where another Didomi user stands for it, whose choices count', () => {
    const contacted = new Contacted().says(MAIL, false, 100).says(NEWS, true, 101, 'ben').settled();
    contacted.erased('ana');
    expect(contacted.record.closesAt()).toBe(NOW + RULES.rememberMs);
    expect(contacted.wants()).toEqual({ [BLACKLIST_FLAG]: false, NEWS: true });
    expect(endsAtOnce(contacted.erased('ben'))).toBe(true);
  });

  it('is forgotten whoever stands for it, when a person asks for it', () => {
    const contacted = new Contacted().says(MAIL, false, 100, 'ben').settled();
    expect(endsAtOnce(contacted.erased('ana').erased())).toBe(true);
    expect(endsAtOnce(contacted.erased('ana'))).toBe(true);
  });
});
