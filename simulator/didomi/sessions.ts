import { randomUUID } from 'node:crypto';

/** A token lives for an hour, and nothing renews it (seen in descriptions of Didomi's API). */
const LIFETIME_MS = 3_600_000;

export interface Credentials {
  readonly key: string;
  readonly secret: string;
}

/** The sessions of one API key. */
export class Sessions {
  /** When each token ends, in milliseconds since the epoch. */
  private readonly ends = new Map<string, number>();

  constructor(
    private readonly credentials: Credentials,
    private readonly now: () => number,
  ) {}

  /** A new token, or undefined when the credentials are not those of the key. */
  open({ key, secret }: Credentials): string | undefined {
    if (key !== this.credentials.key || secret !== this.credentials.secret) return undefined;
    const token = ['simulated', randomUUID(), randomUUID()].join('.');
    this.ends.set(token, this.now() + LIFETIME_MS);
    return token;
  }

  state(token: string): 'open' | 'expired' | 'unknown' {
    const end = this.ends.get(token);
    if (end === undefined) return 'unknown';
    return this.now() < end ? 'open' : 'expired';
  }

  /** Ends all tokens before their time. */
  expireAll(): void {
    for (const token of this.ends.keys()) this.ends.set(token, Number.NEGATIVE_INFINITY);
  }
}
