import { accountKey, type BrevoAccounts } from '../../brevo/accounts';
import { BrevoError } from '../../brevo/errors';
import type { Config, Integration } from '../../config';
import { BLACKLIST_FLAG } from '../../consent/rules';
import { type Finding, problem, warning } from './finding';

/**
 * Whether several API keys belong to one Brevo account, which the configuration cannot tell: each integration would
 * take the whole rate for itself, and overwrite what the other wrote.
 */
export async function checkOwners({ integrations }: Config, accounts: BrevoAccounts): Promise<Finding[]> {
  const byKey = new Map([...integrations.values()].map((one) => [accountKey(one.apiKey), one]));
  if (byKey.size < 2) return [];
  const owners = new Map<string, Integration[]>();
  for (const one of byKey.values()) {
    const owner = await ownerOf(one, accounts);
    if (owner === undefined) continue;
    const sameKey = [...integrations.values()].filter(({ apiKey }) => apiKey === one.apiKey);
    owners.set(owner, [...(owners.get(owner) ?? []), ...sameKey]);
  }
  return [...owners.values()].flatMap(checkOwner);
}

/** That a key does not work is told elsewhere. */
async function ownerOf({ apiKey }: Integration, accounts: BrevoAccounts): Promise<string | undefined> {
  try {
    return (await accounts.of(apiKey).client.getAccount({ maxWaitMs: 5_000 })).account;
  } catch (error) {
    if (error instanceof BrevoError) return undefined;
    throw error;
  }
}

function checkOwner(same: readonly Integration[]): Finding[] {
  if (new Set(same.map(({ apiKey }) => apiKey)).size < 2) return [];
  const names = same.map(({ rules }) => `"${rules.integration}"`).join(', ');
  const name = `one Brevo account: ${same.map(({ rules }) => rules.integration).join(', ')}`;
  const twice = mappedTwice(same);
  if (twice.length === 0) {
    return [
      warning(
        name,
        `the API keys of ${names} belong to the same account, and each would use its whole rate`,
        'Give all of them the same api_key: then they share the rate.',
      ),
    ];
  }
  const what = twice.map((id) => (id === BLACKLIST_FLAG ? `${id} (the e-mail blacklist)` : id)).join(', ');
  return [
    problem(
      name,
      `the API keys of ${names} belong to the same account, and more than one maps ${what}: each would overwrite what the other wrote`,
      'Let one of them map it, and give all of them the same api_key.',
    ),
  ];
}

function mappedTwice(same: readonly Integration[]): string[] {
  const ids = same.flatMap(({ rules }) => [
    ...new Set([
      ...rules.mappings.map(({ id }) => id.toUpperCase()),
      ...(rules.ledgerAttribute === undefined ? [] : [rules.ledgerAttribute]),
    ]),
  ]);
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
}
