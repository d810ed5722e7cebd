import type { Mapping, Rules } from '../consent/rules';

export interface Warning {
  readonly name: string;
  readonly message: string;
  readonly fix: string;
}

/** Where Didomi's records hold anything that can be mapped. */
const KNOWN_PATH =
  /^(consents_(purposes|preferences|channels|vendors)_|consents_tcfcs$|metadata_|(organization_user_id|country|last_seen_country)$)/;

/** Shorter than this, in ms, two workflows of one contact may miss that one overwrote the other's ledger. */
const LEDGER_NEEDS_MS = 60_000;

/** What is valid, and yet hardly meant: it would cost a person's choice without anything being wrong in the file. */
export function warningsOf(rules: Rules): Warning[] {
  return [
    ...rules.mappings.flatMap((mapping) => warningsOfMapping(rules, mapping)),
    ...ledgerWarnings(rules),
  ];
}

function warningsOfMapping({ integration }: Rules, { id, value: path, write }: Mapping): Warning[] {
  const name = `integration ${integration}: ${id}`;
  const warnings: Warning[] = [];
  if (!KNOWN_PATH.test(path)) {
    warnings.push({
      name,
      message: `no record of Didomi's has the path "${path}", so that nothing would ever be written`,
      fix: 'Write it as Didomi does, such as "consents_purposes_newsletter_enabled".',
    });
  }
  const optOut = optOutOf(path);
  if (write && optOut !== undefined && !Object.hasOwn(write, optOut)) {
    warnings.push({
      name,
      message: `"write" does not list "${optOut}", so that a withdrawal is rejected and does not reach Brevo`,
      fix: `Add what Brevo shall get for "${optOut}" to "write".`,
    });
  }
  return warnings;
}

/** How a person says no at this path, as `write` spells it. */
function optOutOf(path: string): string | undefined {
  if (/^consents_.*_enabled(_li)?$/s.test(path)) return 'false';
  return /^consents_.*_value$/s.test(path) ? '' : undefined;
}

function ledgerWarnings({ integration, ledgerAttribute, rememberMs }: Rules): Warning[] {
  if (ledgerAttribute === undefined || rememberMs >= LEDGER_NEEDS_MS) return [];
  return [
    {
      name: `integration ${integration}: ${ledgerAttribute}`,
      message: '`remember` is shorter than the minute after which a contact with a ledger is looked at again',
      fix: 'Let `remember` be a minute or more, where two organization_user_ids may lead to one Brevo contact.',
    },
  ];
}
