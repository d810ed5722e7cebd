import { existsSync } from 'node:fs';
import type { Outcome } from '../consent/outcome';
import { type Differing, linesFrom } from './differing';
import { LineFile } from './line-file';
import { type ReportLine, reportInWork } from './report';
import type { WorkFolder } from './work-folder';

/** Contacts that wait in their workflows at once: enough to keep Brevo's budget busy, few enough to stop soon. */
const AT_ONCE = 64;

/** Withdrawals first. */
export const DIFFERING_FILES = ['withdrawals.ndjson', 'others.ndjson'] as const;

export interface SubmitCounts {
  readonly submitted: number;
  readonly done: number;
  readonly skipped: number;
  readonly guarded: number;
  readonly rejected: number;
  readonly held: number;
  readonly calls: number;
}

interface Position {
  /** Index in {@link DIFFERING_FILES}. */
  readonly file: number;
  /** Bytes of it that are done. */
  readonly offset: number;
  readonly counts: SubmitCounts;
}

const BEGIN: Position = {
  file: 0,
  offset: 0,
  counts: { submitted: 0, done: 0, skipped: 0, guarded: 0, rejected: 0, held: 0, calls: 0 },
};

export interface SubmitOptions {
  /** Where this run keeps how far it is, and its report. */
  readonly folder: WorkFolder;
  /** Where the contacts that differ lie: this run's own folder, or that of the plan that it carries out. */
  readonly planFolder: WorkFolder;
  /** Resolves once the contact's workflow has settled it. */
  readonly submit: (contact: Differing) => Promise<Outcome>;
  /** What the contact is called in the report. */
  readonly keyOf: (contact: Differing) => string;
  /** Contacts a second at most. */
  readonly rate?: number;
  /** No further contact is begun then; those that were are waited for. */
  readonly signal: AbortSignal;
}

export interface SubmitStep {
  readonly done: boolean;
  readonly counts: SubmitCounts;
  /** Brevo's account refuses to work: going on would only fill the list of those who wait. */
  readonly isHeld: boolean;
}

const POSITION = 'submitted';

/** Submits contacts from where the last step ended, until the signal, the end, or the first one that is held. */
export async function submitStep(options: SubmitOptions): Promise<SubmitStep> {
  const { folder } = options;
  let position = (await folder.read<Position>(POSITION)) ?? BEGIN;
  while (!options.signal.aborted && position.file < DIFFERING_FILES.length) {
    const batch = await batchFrom(options.planFolder, position);
    if (batch.length === 0) {
      position = { ...position, file: position.file + 1, offset: 0 };
    } else {
      const { settled, counts, report, isHeld } = await carryOut(batch, position.counts, options);
      const last = batch[settled - 1];
      position = { ...position, offset: last?.end ?? position.offset, counts };
      await new LineFile<ReportLine>(reportInWork(folder)).append(report);
      if (isHeld) {
        await folder.write(POSITION, position);
        return { done: false, counts, isHeld };
      }
    }
    await folder.write(POSITION, position);
  }
  return { done: position.file >= DIFFERING_FILES.length, counts: position.counts, isHeld: false };
}

interface Entry {
  readonly contact: Differing;
  readonly end: number;
}

const BATCH = 256;

async function batchFrom(folder: WorkFolder, { file, offset }: Position): Promise<Entry[]> {
  const path = folder.file(DIFFERING_FILES[file] ?? '');
  const batch: Entry[] = [];
  if (!existsSync(path)) return batch;
  for await (const { value, end } of linesFrom<Differing>(path, offset)) {
    batch.push({ contact: value, end });
    if (batch.length === BATCH) break;
  }
  return batch;
}

interface Carried {
  /** How many from the first on were begun; all of them are settled. */
  readonly settled: number;
  readonly counts: SubmitCounts;
  readonly report: readonly ReportLine[];
  readonly isHeld: boolean;
}

async function carryOut(
  batch: readonly Entry[],
  before: SubmitCounts,
  { submit, keyOf, rate, signal }: SubmitOptions,
): Promise<Carried> {
  let begun = 0;
  let counts = before;
  let isHeld = false;
  const report: ReportLine[] = [];
  const pace = new Pace(rate);
  const next = async (): Promise<void> => {
    while (begun < batch.length && !signal.aborted && !isHeld) {
      const entry = batch[begun];
      begun += 1;
      if (!entry) return;
      await pace.turn();
      const outcome = await submit(entry.contact);
      counts = counted(counts, outcome);
      if (outcome === 'held') isHeld = true;
      if (!SIMPLY_DONE.has(outcome)) report.push({ contactKey: keyOf(entry.contact), outcome });
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, batch.length) }, next));
  const failed = lanes.find((lane) => lane.status === 'rejected');
  // What was submitted is submitted again: that changes nothing.
  if (failed) throw failed.reason;
  return { settled: begun, counts, report, isHeld };
}

const SIMPLY_DONE: ReadonlySet<Outcome> = new Set(['created', 'updated', 'unchanged', 'stale']);
const WROTE: ReadonlySet<Outcome> = new Set(['created', 'updated', 'rejected']);

function counted(counts: SubmitCounts, outcome: Outcome): SubmitCounts {
  return {
    submitted: counts.submitted + 1,
    done: counts.done + (SIMPLY_DONE.has(outcome) ? 1 : 0),
    skipped: counts.skipped + (outcome === 'skipped' ? 1 : 0),
    guarded: counts.guarded + (outcome === 'guarded' ? 1 : 0),
    rejected: counts.rejected + (outcome === 'rejected' ? 1 : 0),
    held: counts.held + (outcome === 'held' ? 1 : 0),
    calls: counts.calls + (WROTE.has(outcome) ? 1 : 0),
  };
}

/** Spreads turns evenly. */
class Pace {
  private nextAt = 0;
  private readonly gapMs: number;

  /** @param rate turns a second; undefined = no limit */
  constructor(rate: number | undefined) {
    this.gapMs = rate === undefined ? 0 : 1000 / rate;
  }

  async turn(): Promise<void> {
    if (this.gapMs === 0) return;
    const now = Date.now();
    const at = Math.max(now, this.nextAt);
    this.nextAt = at + this.gapMs;
    if (at > now) await new Promise((resolve) => setTimeout(resolve, at - now));
  }
}
