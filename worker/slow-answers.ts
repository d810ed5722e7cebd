import { Runtime } from '@temporalio/worker';
import { accountKey } from '../brevo/accounts';
import type { Config } from '../config';

/** A slow account is told so often, however many calls it is slow for. */
const TELL_EVERY_MS = 60_000;

/**
 * Tells the log of a Brevo account that answers slowly: its withdrawals get through, but late, and nothing fails that
 * somebody would notice.
 */
export function tellOfSlowAnswers({
  integrations,
}: Pick<Config, 'integrations'>): (account: string, call: string, ms: number) => void {
  const toldAt = new Map<string, number>();
  return (account, call, ms) => {
    const now = performance.now();
    if (now - (toldAt.get(account) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return;
    toldAt.set(account, now);
    const names = [...integrations].flatMap(([name, { apiKey }]) =>
      accountKey(apiKey) === account ? [name] : [],
    );
    Runtime.instance().logger.warn(
      `Brevo is slow: it took ${Math.round(ms / 1000)} s to answer ${call}. Writes, withdrawals among them, come late`,
      { integration: names.join(', ') },
    );
  };
}
