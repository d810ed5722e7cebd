import { accountKey, type BrevoAccount, type BrevoAccounts } from '../brevo/accounts';
import type { GateState } from '../brevo/gate';
import type { Share } from '../brevo/probe-pace';
import type { Config } from '../config';

/** A Brevo account as this process sees it. */
export interface AccountState extends GateState {
  /** The integrations that use it. */
  readonly integrations: readonly string[];
  /** Contacts that are known to wait in this process. */
  readonly waiting: { readonly withdrawals: number; readonly others: number };
}

export interface AccountWatchOptions {
  /** Told when an account is held, held for another reason, partly served, or served again. */
  readonly onChange?: ((state: AccountState) => void) | undefined;
  /** Told every some minutes of an account that is still held. */
  readonly onStillHeld?: ((state: AccountState) => void) | undefined;
  /** Which of the processes that call the account this one is. */
  readonly share: () => Promise<Share | undefined>;
}

const REMIND_EVERY_MS = 300_000;
const SHARE_EVERY_MS = 8_000;

/** Watches the Brevo accounts of a configuration: tells what becomes of them, and keeps several processes in step. */
export class AccountWatch {
  private readonly watched: readonly WatchedAccount[];

  constructor(config: Pick<Config, 'integrations'>, accounts: BrevoAccounts, options: AccountWatchOptions) {
    const byKey = new Map<string, { readonly account: BrevoAccount; readonly integrations: string[] }>();
    for (const [name, { apiKey }] of config.integrations) {
      const key = accountKey(apiKey);
      const one = byKey.get(key) ?? { account: accounts.of(apiKey), integrations: [] };
      byKey.set(key, one);
      one.integrations.push(name);
    }
    this.watched = [...byKey.values()].map(
      ({ account, integrations }) => new WatchedAccount(account, integrations, options),
    );
  }

  states(): AccountState[] {
    return this.watched.map((one) => one.state());
  }

  close(): void {
    for (const one of this.watched) one.close();
  }
}

class WatchedAccount {
  private timers: readonly NodeJS.Timeout[] = [];

  constructor(
    private readonly account: BrevoAccount,
    private readonly integrations: readonly string[],
    private readonly options: AccountWatchOptions,
  ) {
    account.gate.watch((state) => this.changed(state));
  }

  state(): AccountState {
    const { gate, room } = this.account;
    return { integrations: this.integrations, ...gate.state(), waiting: room.count() };
  }

  close(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
  }

  private changed({ state }: GateState): void {
    this.options.onChange?.(this.state());
    if (state === 'open') {
      this.close();
    } else if (this.timers.length === 0) {
      void this.learnShare();
      this.timers = [
        setInterval(() => void this.learnShare(), SHARE_EVERY_MS).unref(),
        setInterval(() => this.options.onStillHeld?.(this.state()), REMIND_EVERY_MS).unref(),
      ];
    }
  }

  private async learnShare(): Promise<void> {
    this.account.gate.setShare(await this.options.share());
  }
}
