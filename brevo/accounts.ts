import { createHash } from 'node:crypto';
import { AttributeDirectory } from './attribute-directory';
import { RateBudget } from './budget';
import type { ObservedCall } from './call-observer';
import { BrevoClient } from './client';
import { HeldGate } from './held-gate';
import { WaitingRoom } from './waiting-room';

export interface BrevoAccountsOptions {
  /** With the version, for example `https://api.brevo.com/v3`. */
  readonly baseUrl: string;
  /** For each account, in this process. */
  readonly requestsPerSecond: number;
  readonly userAgent?: string;
  /** As the client's; for tests. */
  readonly timeoutMs?: number | undefined;
  /** Told of an account whose answers take long. @param account its `accountKey` */
  readonly onSlowAnswer?: (account: string, call: string, ms: number) => void;
  /** Told of each call that was made. @param account its `accountKey` */
  readonly onCall?: ((account: string, call: ObservedCall) => void) | undefined;
}

/** What all integrations of one Brevo account share. */
export interface BrevoAccount {
  readonly client: BrevoClient;
  readonly attributes: AttributeDirectory;
  readonly budget: RateBudget;
  /** Closed while Brevo does not serve the account. */
  readonly gate: HeldGate;
  /** Who waits for that to end. */
  readonly room: WaitingRoom;
}

/** Tells API keys apart without holding them: fit for maps, logs and metrics. */
export function accountKey(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex').slice(0, 12);
}

/** One account for each API key, however many integrations use it: Brevo's limits are the account's. */
export class BrevoAccounts {
  private readonly accounts = new Map<string, BrevoAccount>();

  constructor(private readonly options: BrevoAccountsOptions) {}

  /** The account of an API key. */
  of(apiKey: string): BrevoAccount {
    const key = accountKey(apiKey);
    const known = this.accounts.get(key);
    if (known !== undefined) return known;
    const account = openAccount(apiKey, this.options);
    this.accounts.set(key, account);
    return account;
  }

  /** Ends what waits for its turn and closes idle connections. */
  close(): void {
    for (const { client, budget } of this.accounts.values()) {
      budget.close();
      client.close();
    }
  }

  /** Ends the waits of those who are to try an account that Brevo refuses. */
  shutDown(): void {
    for (const { gate } of this.accounts.values()) gate.shutDown();
  }
}

function openAccount(apiKey: string, options: BrevoAccountsOptions): BrevoAccount {
  const { baseUrl, requestsPerSecond, userAgent, timeoutMs, onSlowAnswer, onCall } = options;
  const budget = new RateBudget({ requestsPerSecond });
  const gate = new HeldGate();
  const client = new BrevoClient({
    apiKey,
    baseUrl,
    budget,
    gate,
    ...(userAgent !== undefined && { userAgent }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(onSlowAnswer && { onSlowAnswer: (call, ms) => onSlowAnswer(accountKey(apiKey), call, ms) }),
    ...(onCall && { onCall: (call) => onCall(accountKey(apiKey), call) }),
  });
  // A withdrawal may wait for the types, so reading them goes as one.
  const attributes = new AttributeDirectory(({ caller }) =>
    client.listAttributes({ priority: 'withdrawal', ...(caller && { caller }) }),
  );
  return { client, attributes, budget, gate, room: new WaitingRoom(gate, { requestsPerSecond }) };
}
