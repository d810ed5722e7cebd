import type { Gathered, RecordReading, SilentReason } from '../didomi/gathered';
import { type Buckets, bucketOf, type Lengths } from './buckets';
import { LineFile } from './line-file';
import type { Batch, Source } from './source';
import type { StepSignals } from './step-signals';

/** What became of a source's records; each counts once in `read`, `ignored` or `broken`. */
export interface GatherCounts {
  readonly read: number;
  readonly ignored: Readonly<Partial<Record<SilentReason, number>>>;
  readonly broken: number;
  /** Of those that are read: a mapped path was left out, because the record answers it in two ways. */
  readonly ambiguous: number;
  /** To Didomi's API, at least; absent in a checkpoint of an earlier version. */
  readonly calls?: number;
}

/** How far reading is; plain JSON, and without personal data. */
export interface Checkpoint<Position> {
  /** Where reading goes on; absent at the beginning. */
  readonly next?: Position;
  readonly counts: GatherCounts;
  /** Of the buckets, in bytes. */
  readonly lengths: Lengths;
  /** Of the file of broken records, in bytes. */
  readonly brokenLength: number;
  /** How much of the source is read, from 0 to 1; absent where nobody knows. */
  readonly share?: number;
}

/** A line of the file of broken records. */
export interface BrokenRecord {
  readonly file: string;
  readonly line: number;
  /** Without personal data. */
  readonly reason: string;
}

export interface GatherOptions<Position> {
  readonly source: Source<Position>;
  readonly buckets: Buckets<Gathered>;
  /** Path of the file that broken records are told in. */
  readonly brokenFile: string;
  /** Where an earlier reading ended; the beginning when absent. What was written after it is forgotten. */
  readonly from?: Checkpoint<Position> | undefined;
  /** Kept by the caller, before anything more is read. */
  readonly onCheckpoint: (checkpoint: Checkpoint<Position>) => Promise<void> | void;
  readonly signals: StepSignals;
  /** Records from one checkpoint to the next; default 10,000. */
  readonly everyRecords?: number;
  /** And at most this time, in ms; default 5,000. */
  readonly everyMs?: number;
}

/**
 * Reads a source to its end and spreads what it says over buckets by contact. However often it is killed: from its last
 * checkpoint it goes on without losing or doubling anything.
 *
 * @throws what the source throws, or the reason of a signal, after a last checkpoint
 */
export async function gather<Position>(options: GatherOptions<Position>): Promise<GatherCounts> {
  const {
    source,
    from,
    signals: { ending, interrupted },
  } = options;
  const gathering = new Gathering(options);
  await gathering.begin();
  const batches = source.batches(from?.next, interrupted);
  try {
    for (;;) {
      const next = await sourceAnswer(batches.next(), gathering);
      if (next.done) break;
      await gathering.take(next.value);
      if (gathering.isDue || ending.aborted) await gathering.checkpoint();
      ending.throwIfAborted();
    }
  } finally {
    await batches.return(undefined);
  }
  await gathering.checkpoint();
  return gathering.counts;
}

/** When the source fails, what it gave before is kept. */
async function sourceAnswer<T, Position>(answer: Promise<T>, gathering: Gathering<Position>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    await gathering.checkpoint();
    throw error;
  }
}

const EVERY_RECORDS = 10_000;
const EVERY_MS = 5_000;

class Gathering<Position> {
  private readonly broken: LineFile<BrokenRecord>;
  private readonly ignored: Partial<Record<SilentReason, number>>;
  private tally: Record<'read' | 'broken' | 'ambiguous', number>;
  private next: Position | undefined;
  private calls: number;
  private share: number | undefined;
  private sinceCheckpoint = 0;
  private checkpointAt = performance.now();

  constructor(private readonly options: GatherOptions<Position>) {
    const { from, brokenFile } = options;
    const { ignored = {}, calls = 0, ...tally } = from?.counts ?? { read: 0, broken: 0, ambiguous: 0 };
    this.calls = calls;
    this.share = from?.share;
    this.broken = new LineFile(brokenFile);
    this.ignored = { ...ignored };
    this.tally = tally;
    this.next = from?.next;
  }

  get counts(): GatherCounts {
    return { ...this.tally, calls: this.calls, ignored: { ...this.ignored } };
  }

  get isDue(): boolean {
    const { everyRecords = EVERY_RECORDS, everyMs = EVERY_MS } = this.options;
    return this.sinceCheckpoint >= everyRecords || performance.now() - this.checkpointAt >= everyMs;
  }

  async begin(): Promise<void> {
    const { buckets, from } = this.options;
    await buckets.goBackTo(from?.lengths ?? []);
    await this.broken.goBackTo(from?.brokenLength ?? 0);
  }

  async take({ records, next, share, calls = 0 }: Batch<Position>): Promise<void> {
    const broken: BrokenRecord[] = [];
    for (const { file, line, reading } of records) {
      this.count(reading);
      if (reading.status === 'broken') broken.push({ file, line, reason: reading.reason });
      if (reading.status !== 'read') continue;
      for (const one of reading.gathered) await this.options.buckets.add(bucketOf(one.identifier), one);
    }
    await this.broken.append(broken);
    this.next = next;
    this.share = share;
    this.calls += calls;
    this.sinceCheckpoint += records.length;
  }

  async checkpoint(): Promise<void> {
    const lengths = await this.options.buckets.flush();
    const { next, counts, share } = this;
    await this.options.onCheckpoint({
      ...(next !== undefined && { next }),
      ...(share !== undefined && { share }),
      counts,
      lengths,
      brokenLength: this.broken.length,
    });
    this.sinceCheckpoint = 0;
    this.checkpointAt = performance.now();
  }

  private count(reading: RecordReading): void {
    if (reading.status === 'ignored') {
      this.ignored[reading.reason] = (this.ignored[reading.reason] ?? 0) + 1;
      return;
    }
    this.tally[reading.status] += 1;
    if (reading.status === 'read' && reading.ambiguous) this.tally.ambiguous += 1;
  }
}
