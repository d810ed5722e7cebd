import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuardReason } from '../consent/decide';
import type { Outcome } from '../consent/outcome';
import type { Differing } from './differing';
import { type Reread, upToDate } from './freshness';
import type { KnownGuard, KnownGuards } from './known-guards';
import { type Line, LineFile, linesFrom, textOf } from './line-file';
import { Pace } from './pace';
import { type ReportLine, reportedAs, reportInWork } from './report';
import type { StepSignals } from './step-signals';
import {
  isSimplyDone,
  NOTHING_SUBMITTED,
  type SubmitCounts,
  withOneForgotten,
  withOutcome,
  withoutOneHeld,
} from './submit-counts';
import type { WorkFolder } from './work-folder';

/** Contacts that wait in their workflows at once: enough to keep Brevo's budget busy, few enough to stop soon. */
const AT_ONCE = 64;

/** Withdrawals first. */
export const DIFFERING_FILES = ['withdrawals.ndjson', 'others.ndjson'] as const;

/**
 * Contacts that were held are submitted again at the end, round by round: their workflows go on by themselves within half
 * a minute after the account works again. Whoever is held in a round stands once more behind it.
 */
export const HELD_FILE = 'held.ndjson';
const FILES = [...DIFFERING_FILES, HELD_FILE] as const;
const HELD = FILES.indexOf(HELD_FILE);
/** Who is held after so many rounds is left to their workflow, and reported. */
const ROUNDS = 10;

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
  /** And in bytes of text. */
  readonly heldText: number;
  /** ms since 1970: no contact is begun before, so that the rate is kept from step to step. */
  readonly nextAt: number;
  /** Of those who were held. */
  readonly round?: { readonly number: number; readonly end: number };
  /** The last one that was settled is held: before others are begun, one has to get through. */
  readonly isProbing?: boolean;
}

/** What became of a contact. */
export interface Settled {
  readonly outcome: Outcome;
  /** Why, where it was not simply done. No personal data. */
  readonly reason?: string;
}

/** The contact was forgotten since the source was made: it is left out, and nothing is kept of it. */
export const FORGOTTEN = 'forgotten';

export interface SubmitOptions {
  /** Where this run keeps how far it is, and its report. */
  readonly folder: WorkFolder;
  /** Where the contacts that differ lie: this run's own folder, or that of the plan that it carries out. */
  readonly planFolder: WorkFolder;
  /** Resolves once the contact's workflow has settled it. */
  readonly submit: (contact: Differing) => Promise<Settled>;
  readonly reread: Reread;
  /** For so long, in ms, what was read of Brevo is not read again. */
  readonly lookLastsMs: number;
  /** What was found guarded, for later runs. */
  readonly guards: Pick<KnownGuards, 'add'>;
  /** What the contact is called in the report. */
  readonly keyOf: (contact: Differing) => string;
  /** Contacts a second at most. */
  readonly rate?: number;
  /**
   * When the step ends, those contacts that were begun are waited for; when it is interrupted for a short time only,
   * since their workflows may have to wait for Brevo: they are submitted once more.
   */
  readonly signals: StepSignals;
  /** That short time, in ms. Default: 10,000. */
  readonly graceMs?: number;
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
  settled?: Settled;
}

/** Longer than a call to Brevo takes that is answered, in ms. */
const GRACE_MS = 10_000;

/** How long what is settled may be kept in memory alone, in ms: a process that dies submits it again. */
const KEEP_EVERY_MS = 500;

class Submission {
  /** In the order of the file; those before are settled and counted. */
  private readonly begun: Begun[] = [];
  private readonly running = new Set<Promise<void>>();
  private readonly report: ReportLine[] = [];
  private readonly held: Differing[] = [];
  private readonly guarded: KnownGuard[] = [];
  private readonly pace: Pace;
  private readonly ending: Promise<void>;
  /** Whoever is still under way then is left to their workflows. */
  private readonly interrupted: Promise<void>;
  private keptAt = performance.now();
  /** Bytes of text in the file of those who are held. */
  private heldText: number;
  private failure: { readonly error: unknown } | undefined;
  isHeld = false;

  private constructor(
    private readonly options: SubmitOptions,
    private readonly reportFile: LineFile<ReportLine>,
    private readonly heldFile: LineFile<Differing>,
    private position: Position,
  ) {
    this.pace = new Pace(options.rate, position.nextAt);
    this.heldText = position.heldText;
    this.ending = whenAborted(options.signals.ending);
    this.interrupted = whenAborted(options.signals.interrupted).then(() =>
      sleep(options.graceMs ?? GRACE_MS, undefined, { ref: false }),
    );
  }

  static async open(options: SubmitOptions): Promise<Submission> {
    const { folder, planFolder } = options;
    const reportFile = new LineFile<ReportLine>(reportInWork(folder), folder.seal);
    const heldFile = new LineFile<Differing>(folder.file(HELD_FILE), folder.seal);
    const kept = await folder.read<Position>(POSITION);
    if (!kept && planFolder.path !== folder.path) await copyReport(planFolder, reportFile);
    const position: Position = kept ?? {
      file: 0,
      offset: 0,
      counts: NOTHING_SUBMITTED,
      reportLength: reportFile.length,
      heldLength: 0,
      heldText: 0,
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
    const { folder, planFolder } = this.options;
    const { file } = this.position;
    const owner = file === HELD ? folder : planFolder;
    const path = owner.file(FILES[file] ?? '');
    if (file === HELD) this.beginRound();
    const isThrough = !this.isOver && (!existsSync(path) || (await this.beginAll(path, owner.seal)));
    await Promise.race([Promise.all(this.running), this.interrupted]);
    const isSettled = isThrough && !this.mustEnd && this.begun.length === 0;
    await this.keep();
    const isOnceMore = isSettled && file === HELD && this.heldText > (this.position.round?.end ?? 0);
    if (isOnceMore) this.isHeld = true;
    else if (isSettled) this.position = { ...this.position, file: file + 1, offset: 0 };
    await this.keep();
    if (this.failure) throw this.failure.error;
    return isSettled && !isOnceMore;
  }

  private beginRound(): void {
    const { offset, round } = this.position;
    if (round && offset < round.end) return;
    this.position = {
      ...this.position,
      round: { number: (round?.number ?? 0) + 1, end: this.heldText },
    };
  }

  /** @returns whether all contacts of the file, or of the round, were begun */
  private async beginAll(path: string, seal: WorkFolder['seal']): Promise<boolean> {
    const { reread, lookLastsMs } = this.options;
    const { file, offset, round } = this.position;
    const until = file === HELD ? (round?.end ?? 0) : Number.POSITIVE_INFINITY;
    if (offset >= until) return true;
    const lines = upToDate(linesFrom<Differing>(path, offset, seal), this.counting(reread), lookLastsMs);
    try {
      while (await this.hasRoom()) {
        const next = await lines.next();
        if (next.done) return true;
        this.begin(next.value);
        if (next.value.end >= until) return true;
      }
      return false;
    } finally {
      await lines.return(undefined);
    }
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
    while (this.running.size >= (this.position.isProbing ? 1 : AT_ONCE) && !this.mustEnd) {
      await Promise.race([...this.running, this.ending]);
    }
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
      entry.settled = await this.options.submit(entry.value);
    } catch (error) {
      this.failure ??= { error };
      return;
    }
    const isHeld = entry.settled.outcome === 'held';
    if (isHeld && this.position.file !== HELD) this.isHeld = true;
    this.position = { ...this.position, isProbing: isHeld };
    this.count();
  }

  /** Up to the first that is not settled: what comes after it is submitted again after a crash, and counted then. */
  private count(): void {
    for (let first = this.begun[0]; first?.settled !== undefined; first = this.begun[0]) {
      const { value, end, settled } = first;
      const { outcome, reason } = settled;
      this.begun.shift();
      const { file, counts, round } = this.position;
      const before = file === HELD ? withoutOneHeld(counts) : counts;
      const isOnceMore = outcome === 'held' && (file !== HELD || (round?.number ?? 0) < ROUNDS);
      const isForgotten = reason === FORGOTTEN;
      const after = isForgotten ? withOneForgotten(before) : withOutcome(before, outcome);
      this.position = { ...this.position, offset: end, counts: after };
      if (isUnsubscribed(settled) && value.clearing) {
        this.guarded.push({ contactKey: this.options.keyOf(value), ...value.clearing });
      }
      if (isOnceMore) this.held.push(value);
      else if (!isSimplyDone(outcome) && !isForgotten)
        this.report.push(reportedAs(value, this.options.keyOf(value), outcome, reason));
    }
  }

  private async keep(): Promise<void> {
    // Taken at once: what is settled while these are written belongs to the next time.
    const [position, report, held] = [this.position, this.report.splice(0), this.held.splice(0)];
    await this.reportFile.append(report);
    await this.heldFile.append(held);
    this.heldText += Buffer.byteLength(held.map(textOf).join(''));
    await this.options.guards.add(this.guarded.splice(0));
    const lengths = {
      reportLength: this.reportFile.length,
      heldLength: this.heldFile.length,
      heldText: this.heldText,
    };
    await this.options.folder.write(POSITION, { ...position, ...lengths, nextAt: this.pace.nextAt });
    this.keptAt = performance.now();
  }
}

function isUnsubscribed({ outcome, reason }: Settled): boolean {
  return outcome === 'guarded' && reason === ('later_unsubscription' satisfies GuardReason);
}

/** What the plan had told of those that it does not submit. */
async function copyReport(planFolder: WorkFolder, to: LineFile<ReportLine>): Promise<void> {
  await to.goBackTo(0);
  const path = reportInWork(planFolder);
  if (!existsSync(path)) return;
  for await (const { value } of linesFrom<ReportLine>(path, 0, planFolder.seal)) await to.append([value]);
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
