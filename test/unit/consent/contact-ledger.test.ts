import { describe, expect, it } from '@jest/globals';
import { type ConsentState, inForce, mergeStatements } from '../../../consent/consent-state';
import type { Contact } from '../../../consent/contact';
import { foundOnBlacklist, ledgerOf } from '../../../consent/contact-ledger';
import { writeLedger } from '../../../consent/ledger';
import type { Statement } from '../../../consent/statement';

const NEWS = 'consents_purposes_news_enabled';
const MAIL = 'consents_purposes_mail_enabled';
/** s */
const NOW = 1_800_000_000;
const RULES = { ledgerAttribute: 'CONSENT_LEDGER', mappings: [{ id: 'NEWS', value: NEWS }] };
const OWN = { seenOffAt: 5_000_000, from: 6_000_999, to: 6_010_000 };

function chosen(path: string, at = NOW): Statement {
  return { regulation: 'gdpr', path, user: 'u', choice: { value: false, at, known: at, eventId: 'e' } };
}

const stateOf = (...statements: Statement[]): ConsentState => mergeStatements([], statements);

const keeping = (ledger: unknown): Contact => ({
  id: 7,
  emailBlacklisted: false,
  attributes: { CONSENT_LEDGER: ledger },
});

describe('the ledger of a contact', () => {
  const written = () => keeping(writeLedger({ state: stateOf(chosen(NEWS), chosen(MAIL)) }));

  it('tells what is in force of the paths that are mapped', () => {
    const { state } = ledgerOf(written(), RULES, [], NOW * 1000);
    expect(inForce(state, NEWS)).toMatchObject({ value: false, time: NOW });
    expect(inForce(state, MAIL)).toBeUndefined();
  });

  it('tells also of paths that are not mapped any more, where something else is known of them', () => {
    const known = stateOf(chosen(MAIL, NOW - 100));
    const { state } = ledgerOf(written(), { ...RULES, mappings: [] }, known, NOW * 1000);
    expect(inForce(state, MAIL)).toMatchObject({ value: false, time: NOW });
    expect(inForce(state, NEWS)).toBeUndefined();
  });

  it('is believed of no time that lies ahead of now', () => {
    expect(inForce(ledgerOf(written(), RULES, [], (NOW - 3_600) * 1000).state, NEWS)).toBeUndefined();
  });

  it('tells of our own blacklisting', () => {
    const { own } = ledgerOf(keeping(writeLedger({ state: [], own: OWN })), RULES, [], NOW * 1000);
    expect(own).toMatchObject({ seenOffAt: 5_000_000, from: 6_000_000 });
  });

  it.each<[string, Contact | null]>([
    ['Brevo does not have the contact', null],
    ['it is not set', { ...keeping(''), attributes: {} }],
    ['it was cleared', keeping('')],
    ['the attribute is no text', keeping(7)],
    ['the attribute is a list', keeping(['1;'])],
  ])('tells nothing where %s', (_, contact) => {
    expect(ledgerOf(contact, RULES, [], NOW * 1000)).toEqual({ state: [] });
  });

  it('tells nothing where the integration keeps none', () => {
    const none = { mappings: RULES.mappings };
    expect(ledgerOf(written(), none, [], NOW * 1000)).toEqual({ state: [] });
  });
});

describe('a contact that is found on the blacklist', () => {
  const before = [{ seenOffAt: 1_000, from: 2_000, to: 3_000 }];

  it('was put there by others, as far as anybody knows, when it was found', () => {
    expect(foundOnBlacklist(before, undefined, 9_000_999)).toEqual({
      own: before,
      on: { since: 9_000, byUs: false },
    });
  });

  it('was put there by us, then, where its ledger says so', () => {
    expect(foundOnBlacklist(before, OWN, 9_000_999)).toEqual({
      own: [...before, OWN],
      on: { since: 6_000, byUs: true },
    });
  });
});
