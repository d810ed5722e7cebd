import { type BrevoAccount, BrevoAccounts } from '../../brevo/accounts';
import { BrevoError, BrevoHeldError } from '../../brevo/errors';
import type { Config, Integration } from '../../config';
import { BLACKLIST_FLAG } from '../../consent/rules';
import { checkOwners } from './account-check';
import { checkAttributes } from './attribute-checks';
import { type Clocks, checkClock } from './clock-check';
import { type Finding, good, problem } from './finding';
import { checkHorizon } from './horizon-check';

/** Longest wait for a call's turn, in ms. */
const MAX_WAIT_MS = 5_000;

/** Everything that Brevo has to have for each integration. */
export async function checkBrevo(config: Config, baseUrl: string): Promise<Finding[]> {
  const accounts = new BrevoAccounts({ baseUrl, requestsPerSecond: 10 });
  try {
    const findings: Finding[] = [];
    for (const integration of config.integrations.values()) {
      findings.push(...(await checkIntegration(integration, accounts.of(integration.apiKey))));
    }
    const [told] = [...config.integrations.values()].flatMap(
      ({ apiKey }) => accounts.of(apiKey).client.clock() ?? [],
    );
    // Where nobody answered, the accounts' own findings say so.
    if (told) findings.push(checkClock("Brevo's clock", middleOfSecond(told)));
    return [...findings, ...(await checkOwners(config, accounts))];
  } finally {
    accounts.close();
  }
}

/** HTTP tells whole seconds, rounded down. */
function middleOfSecond({ theirs, ours }: Clocks): Clocks {
  return { theirs: theirs + 500, ours };
}

async function checkIntegration({ rules }: Integration, account: BrevoAccount): Promise<Finding[]> {
  const { integration, mappings, ledgerAttribute } = rules;
  const name = `${integration}: Brevo account`;
  const horizon = checkHorizon(rules);
  try {
    const ids = mappings.map(({ id }) => id).filter((id) => id !== BLACKLIST_FLAG);
    // Asked even where nothing but the blacklist is mapped: the answer proves the key.
    await account.client.listAttributes({ priority: 'live', maxWaitMs: MAX_WAIT_MS });
    const entries = await account.attributes.lookUp(ledgerAttribute ? [...ids, ledgerAttribute] : ids);
    return [
      good(name, 'the API key works'),
      ...checkAttributes(rules, entries),
      ...(await checkList(rules.integration, rules.listId, account)),
      horizon,
    ];
  } catch (error) {
    if (!(error instanceof BrevoError)) throw error;
    return [problem(name, error.message, fixFor(error)), horizon];
  }
}

function fixFor(error: BrevoError): string {
  if (!(error instanceof BrevoHeldError))
    return 'See whether Brevo can be reached from here, then run this again.';
  if (error.reason === 'ip') {
    return "Authorise this machine's IP address in Brevo (Security → Authorised IPs), or turn the blocking off.";
  }
  if (error.reason === 'key') return 'Put a valid API key (v3) into the configuration.';
  return "See the account's plan and permissions in Brevo.";
}

async function checkList(
  integration: string,
  listId: number | undefined,
  { client }: BrevoAccount,
): Promise<Finding[]> {
  if (listId === undefined) return [];
  const name = `${integration}: list ${listId}`;
  const list = await client.getList(listId, { priority: 'live', maxWaitMs: MAX_WAIT_MS });
  if (list) return [good(name, `exists: ${list.name}`)];
  return [problem(name, `Brevo has no list ${listId}`, 'Put the number of an existing list into list_id.')];
}
