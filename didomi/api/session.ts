/** A token lives for 3,600 s, and nothing extends it (seen in descriptions of Didomi's API). */
const RENEW_AFTER_MS = 3_000_000;

/** The access token that all calls share: one is asked for when there is none, or when it grows old. */
export class Session {
  /** Hidden from inspection, as every place that holds a token. */
  #opening: Promise<string> | undefined;
  #token: string | undefined;
  private openedAt = 0;

  /**
   * @param open asks Didomi for a token
   * @param now ms since 1970
   */
  constructor(
    private readonly open: () => Promise<string>,
    private readonly now: () => number,
  ) {}

  /** The token; who asks while one is under way gets the same. Rejects with what `open` rejects with. */
  token(): Promise<string> {
    const age = this.now() - this.openedAt;
    const fresh = age >= 0 && age < RENEW_AFTER_MS;
    return this.#opening !== undefined && fresh ? this.#opening : this.renewed();
  }

  /** Forgets a token that Didomi does not accept, unless it has been replaced already. */
  reject(token: string): void {
    if (this.#token === token) this.#opening = undefined;
  }

  private async renewed(): Promise<string> {
    this.openedAt = this.now();
    this.#token = undefined;
    const opening = this.open();
    this.#opening = opening;
    try {
      const token = await opening;
      if (this.#opening === opening) this.#token = token;
      return token;
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined;
      throw error;
    }
  }
}
