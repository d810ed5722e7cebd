/**
 * Lets one step of a run at a time touch its files. Temporal may begin a step anew while this process, too busy to say
 * that it lives, still carries out the last attempt.
 */
export class OneAtATime {
  private readonly busy = new Map<string, Promise<unknown>>();

  /** Acts once everything begun before under the same name has ended, however it ended. */
  async run<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = this.busy.get(name);
    const acting = (async () => {
      await before?.catch(() => undefined);
      return act();
    })();
    this.busy.set(name, acting);
    try {
      return await acting;
    } finally {
      if (this.busy.get(name) === acting) this.busy.delete(name);
    }
  }
}
