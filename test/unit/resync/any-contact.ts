import fc from 'fast-check';
import { type ConsentState, mergeStatements } from '../../../consent/consent-state';
import type { Contact, Target } from '../../../consent/contact';
import { writeLedger } from '../../../consent/ledger';
import { BLACKLIST_FLAG, type Rules } from '../../../consent/rules';
import { testRules } from '../../support/rules';
import { anyStatementsAndSilence as anyStatements, PATHS } from '../consent/any-statements';

export const [MAIL, NEWS] = PATHS;

export const RULES = testRules({
  mappings: [
    { id: BLACKLIST_FLAG, value: MAIL },
    { id: 'MAIL', value: MAIL },
    { id: 'NEWS', value: NEWS },
  ],
  regulations: ['gdpr', 'cpra'],
  rememberMs: 7 * 86_400_000,
});

export const WITH_LEDGER: Rules = { ...RULES, ledgerAttribute: 'LEDGER' };

export const TARGETS: readonly Target[] = ['MAIL', 'NEWS', 'LEDGER'].map((id) => ({
  id,
  name: id,
  type: { kind: 'text' },
}));

export const anyState: fc.Arbitrary<ConsentState> = anyStatements.map((statements) =>
  mergeStatements([], statements),
);

const anyText = fc.constantFrom('true', 'false', 'a', 'b');

/** In Brevo, with a ledger or without. */
export const anyContact: fc.Arbitrary<Contact> = fc
  .record({
    emailBlacklisted: fc.boolean(),
    mail: fc.option(anyText, { nil: undefined }),
    news: fc.option(anyText, { nil: undefined }),
    ledger: fc.option(anyState, { nil: undefined }),
  })
  .map(({ emailBlacklisted, mail, news, ledger }) => ({
    id: 7,
    emailBlacklisted,
    attributes: {
      ...(mail !== undefined && { MAIL: mail }),
      ...(news !== undefined && { NEWS: news }),
      ...(ledger && { LEDGER: writeLedger({ state: ledger }) }),
    },
  }));
