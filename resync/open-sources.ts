import type { Batch, Source } from './source';

/**
 * The sources that this process is reading, by run. A step ends after some seconds, and the next one would have to read
 * a file from its beginning to find where it was: the longer the file, the less would be left of the step.
 */
export class OpenSources {
  private readonly sources = new Map<string, KeptOpen>();

  /** The run's source as an earlier step left it, else as it is opened now. */
  async of(run: string, open: () => Promise<Source<unknown>>): Promise<Source<unknown>> {
    const known = this.sources.get(run);
    if (known) return known;
    const source = new KeptOpen(await open());
    this.sources.set(run, source);
    return source;
  }

  /** Nothing more is read of it. */
  close(run: string): void {
    this.sources.get(run)?.close();
    this.sources.delete(run);
  }
}

interface Reading {
  readonly batches: AsyncGenerator<Batch<unknown>>;
  readonly stopping: AbortController;
  /** Where it is; undefined at the beginning. */
  readonly at: string | undefined;
}

/** A source that goes on with an earlier reading where that ended at the place that is asked for. */
class KeptOpen implements Source<unknown> {
  private kept: Reading | undefined;

  constructor(private readonly source: Source<unknown>) {}

  async *batches(from: unknown, signal: AbortSignal): AsyncGenerator<Batch<unknown>> {
    const reading = this.take(from);
    const { batches, stopping } = reading;
    const stop = () => stopping.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    let at = reading.at;
    let isOpen = true;
    try {
      for (;;) {
        isOpen = false;
        const next = await batches.next();
        if (next.done) return;
        isOpen = true;
        at = placeOf(next.value.next);
        yield next.value;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      if (isOpen && !signal.aborted) this.kept = { batches, stopping, at };
      else await batches.return(undefined);
    }
  }

  close(): void {
    const { kept } = this;
    this.kept = undefined;
    kept?.stopping.abort();
    void kept?.batches.return(undefined).catch(() => undefined);
  }

  private take(from: unknown): Reading {
    const { kept } = this;
    const at = from === undefined ? undefined : placeOf(from);
    if (kept?.at === at && kept) {
      this.kept = undefined;
      return kept;
    }
    this.close();
    const stopping = new AbortController();
    return { batches: this.source.batches(from, stopping.signal), stopping, at };
  }
}

function placeOf(position: unknown): string {
  return JSON.stringify(position);
}
