import type { RecordReading } from '../didomi/gathered';

/** A record of a source, and what became of it. */
export interface SourceRecord {
  /** As the user named it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly reading: RecordReading;
}

/** @template Position where reading can go on after a crash; plain JSON */
export interface Batch<Position> {
  readonly records: readonly SourceRecord[];
  /** After these records. */
  readonly next: Position;
  /** How much of the source that is, from 0 to 1; absent where nobody knows. */
  readonly share?: number;
  /** Calls to Didomi's API that it took at least; absent = none. */
  readonly calls?: number;
}

/** Where a resync's records come from. */
export interface Source<Position> {
  /**
   * @param from where an earlier reading ended; the beginning when absent
   * @throws DidomiApiError, or the reason of the signal; files that cannot be read are told as broken records
   */
  batches(from: Position | undefined, signal: AbortSignal): AsyncGenerator<Batch<Position>>;
}
