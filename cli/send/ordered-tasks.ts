/** Runs tasks side by side, up to a limit; those with the same key one after the other, in the order given. */
export class OrderedTasks {
  private readonly last = new Map<string, Promise<void>>();
  private running = 0;
  private waiting: (() => void) | undefined;
  private failure: { readonly error: unknown } | undefined;

  constructor(private readonly limit: number) {}

  /**
   * Resolves as soon as there is room for another task. One caller at a time.
   *
   * @throws what an earlier task failed with; then nothing more should be added
   */
  async add(key: string, task: () => Promise<void>): Promise<void> {
    this.start(key, task);
    while (this.running >= this.limit && !this.failure) await this.change();
    this.throwFailure();
  }

  /**
   * Resolves when all tasks have ended.
   *
   * @throws what one of them failed with
   */
  async ended(): Promise<void> {
    while (this.running > 0) await this.change();
    this.throwFailure();
  }

  private start(key: string, task: () => Promise<void>): void {
    this.running += 1;
    const before = this.last.get(key) ?? Promise.resolve();
    const run = before
      .then(() => (this.failure ? undefined : task()))
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .then(() => {
        if (this.last.get(key) === run) this.last.delete(key);
        this.running -= 1;
        this.waiting?.();
      });
    this.last.set(key, run);
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  private throwFailure(): void {
    if (this.failure) throw this.failure.error;
  }
}
