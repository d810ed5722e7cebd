import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../consent/outcome';
import type { ResyncCounts } from '../workflows/resync/contract';
import type { Differing } from './differing';
import { type Reread, upToDate } from './freshness';
import { type Line, LineFile, linesFrom } from './line-file';
import { type ReportLine, reportInWork } from './report';
import type { StepSignals } from './step-signals';
import type { WorkFolder } from './work-folder';

/** Contacts that wait in their workflows at once: enough to keep Brevo's budget busy, few enough to stop soon. */
const AT_ONCE = 64;

/** Withdrawals first. */
export const DIFFERING_FILES = ['withdrawals.ndjson', 'others.ndjson'] as const;

/** Contacts that were held are submitted once more, at the end: by then most are written. */
const HELD_FILE = 'held.ndjson';
const FILES = [...DIFFERING_FILES, HELD_FILE] as const;
const HELD = FILES.indexOf(HELD_FILE);

export type SubmitCounts = Pick<
  ResyncCounts,
  'submitted' | 'done' | 'skipped' | 'guarded' | 'rejected' | 'held' | 'calls'
>;

interface Position {
  /** Index in {@link FILES}. */
  readonly file: number;
  /** How much of it is done, as `linesFrom` counts. */
  readonly offset: number;
  /** Of the contacts before that. */
  readonly counts: SubmitCounts;
  /** Of the report, in bytes; what is behind it was told by a process that died. */
  readonly reportLength: number;
  /** The same of those who are held. */
  readonly heldLength: number;
  /** ms since 1970: no contact is begun before, so that the rate is kept from step to step. */
  readonly nextAt: number;
}

const NO_COUNTS: SubmitCounts = {
  submitted: 0,
  done: 0,
  skipped: 0,
  guarded: 0,
  rejected: 0,
  held: 0,
  calls: 0,
};

export interface SubmitOptions {
  /** Where this run keeps how far it is, and its report. */
  readonly folder: WorkFolder;
  /** Where the contacts that differ lie: this run's own folder, or that of the plan that it carries out. */
  readonly planFolder: WorkFolder;
  /** Resolves once the contact's workflow has settled it. */
  readonly submit: (contact: Differing) => Promise<Outcome>;
  readonly reread: Reread;
  /** For so long, in ms, what was read of Brevo is not read again. */
  readonly lookLastsMs: number;
  /** What the contact is called in the report. */
  readonly keyOf: (contact: Differing) => string;
  /** Contacts a second at most. */
  readonly rate?: number;
  /** When the step ends, those contacts that were begun are waited for. */
  readonly signals: StepSignals;
}

export interface SubmitStep {
  readonly done: boolean;
  readonly counts: SubmitCounts;
  /** Brevo's account refuses to work: going on would only fill the list of those who wait. */
  readonly isHeld: boolean;
}

const POSITION = 'submitted';

/** Submits contacts from where the last step ended, until this one ends, all are, or the first one is held. */
export async function submitStep(options: SubmitOptions): Promise<SubmitStep> {
  const submission = await Submission.open(options);
  for (;;) {
    const isThrough = await submission.oneFile();
    if (isThrough && !submission.isOver) continue;
    return { done: submission.isOver, counts: submission.counts, isHeld: submission.isHeld };
  }
}

/** A contact that was begun. */
interface Begun extends Line<Differing> {
  outcome?: Outcome;
}

/** How long what is settled may be kept in memory alone, in ms: a process that dies submits it again. */
const KEEP_EVERY_MS = 500;

class Submission {
  /** In the order of the file; those before are settled and counted. */
  private readonly begun: Begun[] = [];
  private readonly running = new Set<Promise<void>>();
  private readonly report: ReportLine[] = [];
  private readonly held: Differing[] = [];
  private readonly pace: Pace;
  private keptAt = performance.now();
  private failure: { readonly error: unknown } | undefined;
  isHeld = false;

  private constructor(
    private readonly options: SubmitOptions,
    private readonly reportFile: LineFile<ReportLine>,
    private readonly heldFile: LineFile<Differing>,
    private position: Position,
  ) {
    this.pace = new Pace(options.rate, position.nextAt);
  }

  static async open(options: SubmitOptions): Promise<Submission> {
    const { folder } = options;
    const reportFile = new LineFile<ReportLine>(reportInWork(folder));
    const heldFile = new LineFile<Differing>(folder.file(HELD_FILE), folder.seal);
    const position = (await folder.read<Position>(POSITION)) ?? {
      file: 0,
      offset: 0,
      counts: NO_COUNTS,
      reportLength: reportFile.length,
      heldLength: 0,
      nextAt: 0,
    };
    await reportFile.goBackTo(position.reportLength);
    await heldFile.goBackTo(position.heldLength);
    await folder.write(POSITION, position);
    return new Submission(options, reportFile, heldFile, position);
  }

  get counts(): SubmitCounts {
    return this.position.counts;
  }

  get isOver(): boolean {
    return this.position.file >= FILES.length;
  }

  /** @returns whether the file was submitted to its end */
  async oneFile(): Promise<boolean> {
    const { folder, planFolder, reread, lookLastsMs } = this.options;
    const { file, offset } = this.position;
    const owner = file === HELD ? folder : planFolder;
    const path = owner.file(FILES[file] ?? '');
    let isThrough = !this.isOver;
    if (isThrough && existsSync(path)) {
      const lines = linesFrom<Differing>(path, offset, owner.seal);
      for await (const line of upToDate(lines, this.counting(reread), lookLastsMs)) {
        isThrough = await this.hasRoom();
        if (!isThrough) break;
        this.begin(line);
      }
    }
    await Promise.all(this.running);
    if (isThrough && !this.mustEnd) this.position = { ...this.position, file: file + 1, offset: 0 };
    await this.keep();
    if (this.failure) throw this.failure.error;
    return isThrough && !this.mustEnd;
  }

  private counting(reread: Reread): Reread {
    return (contacts) => {
      const { counts } = this.position;
      this.position = { ...this.position, counts: { ...counts, calls: counts.calls + 1 } };
      return reread(contacts);
    };
  }

  private get mustEnd(): boolean {
    return this.options.signals.ending.aborted || this.isHeld || this.failure !== undefined;
  }

  /** Waits until one more may begin. @returns false when none may */
  private async hasRoom(): Promise<boolean> {
    while (this.running.size >= AT_ONCE) await Promise.race(this.running);
    if (!this.mustEnd) await this.pace.turn(this.options.signals.ending);
    if (performance.now() - this.keptAt >= KEEP_EVERY_MS) await this.keep();
    return !this.mustEnd;
  }

  private begin(line: Line<Differing>): void {
    const entry: Begun = { ...line };
    this.begun.push(entry);
    const one = this.carryOut(entry).finally(() => this.running.delete(one));
    this.running.add(one);
  }

  private async carryOut(entry: Begun): Promise<void> {
    try {
      entry.outcome = await this.options.submit(entry.value);
    } catch (error) {
      this.failure ??= { error };
      return;
    }
    if (entry.outcome === 'held') this.isHeld = true;
    this.count();
  }

  /** Up to the first that is not settled: what comes after it is submitted again after a crash, and counted then. */
  private count(): void {
    for (let first = this.begun[0]; first?.outcome !== undefined; first = this.begun[0]) {
      const { value, end, outcome } = first;
      this.begun.shift();
      const isLast = this.position.file === HELD;
      const before = isLast ? withoutOneHeld(this.position.counts) : this.position.counts;
      this.position = { ...this.position, offset: end, counts: counted(before, outcome) };
      if (outcome === 'held' && !isLast) this.held.push(value);
      else if (!SIMPLY_DONE.has(outcome))
        this.report.push({ contactKey: this.options.keyOf(value), outcome });
    }
  }

  private async keep(): Promise<void> {
    const { position } = this;
    await this.reportFile.append(this.report.splice(0));
    await this.heldFile.append(this.held.splice(0));
    const lengths = { reportLength: this.reportFile.length, heldLength: this.heldFile.length };
    await this.options.folder.write(POSITION, { ...position, ...lengths, nextAt: this.pace.nextAt });
    this.keptAt = performance.now();
  }
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

/** It is counted anew. */
function withoutOneHeld(counts: SubmitCounts): SubmitCounts {
  return { ...counts, submitted: counts.submitted - 1, held: counts.held - 1 };
}

/** Spreads turns evenly. */
class Pace {
  private readonly gapMs: number;

  /** @param rate turns a second; undefined = no limit @param nextAt ms since 1970 */
  constructor(
    rate: number | undefined,
    public nextAt: number,
  ) {
    this.gapMs = rate === undefined ? 0 : 1000 / rate;
  }

  /** Waits for the next turn, which is not taken when the signal comes first. */
  async turn(signal: AbortSignal): Promise<void> {
    if (this.gapMs === 0) return;
    const now = Date.now();
    // A rate that was raised does not wait for what the old one would have allowed.
    const at = Math.max(now, Math.min(this.nextAt, now + this.gapMs));
    if (at > now) await sleep(at - now, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) this.nextAt = at + this.gapMs;
  }
}
