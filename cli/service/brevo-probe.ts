import type { Logger } from 'pino';
import { accountKey, type BrevoAccounts } from '../../brevo/accounts';
import { BrevoHeldError } from '../../brevo/errors';
import type { Config } from '../../config';

/** Longest wait for the probe's turn, in ms. */
const MAX_WAIT_MS = 5_000;

/**
 * Asks each Brevo account once whether it serves us, and logs what it says. Nothing depends on the answer: events are
 * stored in Temporal, and written when Brevo takes them.
 */
export async function probeBrevo(config: Config, accounts: BrevoAccounts, logger: Logger): Promise<void> {
  await Promise.all(
    integrationsByAccount(config).map(async ({ apiKey, integrations }) => {
      try {
        const { client } = accounts.of(apiKey);
        await client.listAttributes({ priority: 'live', maxWaitMs: MAX_WAIT_MS });
        logger.info({ integrations }, 'Brevo answers');
      } catch (error) {
        // The gate of the account tells of that.
        if (error instanceof BrevoHeldError) return;
        const reason = error instanceof Error ? error.message : 'for no known reason';
        logger.warn(
          { integrations, reason },
          'Brevo does not serve this account now: events are stored, and written when it does',
        );
      }
    }),
  );
}

interface Account {
  readonly apiKey: string;
  readonly integrations: readonly string[];
}

function integrationsByAccount({ integrations }: Config): Account[] {
  const accounts = new Map<string, { apiKey: string; integrations: string[] }>();
  for (const [name, { apiKey }] of integrations) {
    const key = accountKey(apiKey);
    const account = accounts.get(key) ?? { apiKey, integrations: [] };
    accounts.set(key, account);
    account.integrations.push(name);
  }
  return [...accounts.values()];
}
