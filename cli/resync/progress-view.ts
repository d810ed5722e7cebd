import { Format, SingleBar } from 'cli-progress';
import type { ResyncStatus } from '../../client/resyncs';
import { tell } from '../output';

/** Without a terminal a line is written no more often than this, in ms, unless the phase changes. */
const LINE_EVERY_MS = 10_000;

interface Drawn {
  /** Before contacts are submitted, nobody knows how much there is. */
  readonly drawsBar: boolean;
  readonly parts: readonly string[];
}

/** Shows on standard error how far a run is: a bar on a terminal, else plain lines. */
export class ProgressView {
  private readonly bar: SingleBar | undefined;
  private phase: ResyncStatus['phase'] | undefined;
  private toldAt = 0;

  constructor(isTerminal: boolean = process.stderr.isTTY === true) {
    if (!isTerminal) return;
    this.bar = new SingleBar({
      format: (options, { progress }, { drawsBar, parts }: Drawn) => {
        const bar = `${Format.BarFormat(progress, options)} ${Math.floor(progress * 100)}%`;
        const [phase, ...rest] = parts;
        return [phase, ...(drawsBar ? [bar] : []), ...rest].join(' · ');
      },
      hideCursor: true,
      stream: process.stderr,
    });
  }

  show(status: ResyncStatus, now = Date.now()): void {
    if (this.bar) this.draw(this.bar, status, now);
    else this.line(status, now);
  }

  end(): void {
    this.bar?.stop();
  }

  private draw(bar: SingleBar, status: ResyncStatus, now: number): void {
    const { total, value } = shareOf(status);
    const speed = speedOf(status, now);
    const payload: Drawn = {
      drawsBar: status.phase === 'submitting' || status.phase === 'ended',
      parts: [
        phaseOf(status),
        countsOf(status),
        ...(speed === undefined ? [] : [`${speed.toFixed(1)}/s`]),
        leftOf(status, now),
      ].filter((part) => part !== ''),
    };
    if (this.phase !== status.phase) {
      bar.stop();
      bar.start(total, value, payload);
    }
    this.phase = status.phase;
    bar.setTotal(total);
    bar.update(value, payload);
  }

  private line(status: ResyncStatus, now: number): void {
    const { phase } = status;
    if (this.phase === phase && now - this.toldAt < LINE_EVERY_MS) return;
    if (this.phase !== undefined && this.phase !== phase) {
      tell(`${this.phase}: ${countsOf({ ...status, phase: this.phase })}`);
    }
    this.phase = phase;
    this.toldAt = now;
    if (phase === 'ended') return;
    tell(`${phaseOf(status)}: ${countsOf(status)}${withComma(leftOf(status, now))}`);
  }
}

function phaseOf({ phase, state, waiting, trouble }: ResyncStatus): string {
  if (state === 'paused') return `${phase} (paused)`;
  const why = waiting ?? trouble;
  return why === undefined ? phase : `${phase} (waiting: ${why})`;
}

/** While submitting, the contacts that differ are the whole. */
function shareOf({ phase, counts }: ResyncStatus): { readonly total: number; readonly value: number } {
  if (phase === 'submitting' || phase === 'ended')
    return { total: counts.differing, value: counts.submitted };
  const value = phase === 'reading' ? counts.read : counts.compared;
  return { total: value, value };
}

function countsOf({ counts, phase }: Pick<ResyncStatus, 'counts' | 'phase'>): string {
  const { read, broken, compared, differing, submitted, done, skipped, guarded, rejected, held } = counts;
  const shown =
    phase === 'reading'
      ? { read, broken }
      : phase === 'comparing'
        ? { compared, differing }
        : { submitted, done, skipped, guarded, rejected, held };
  return Object.entries(shown)
    .filter(([name, value]) => value > 0 || MAIN.has(name))
    .map(([name, value]) =>
      name === 'submitted' ? `submitted ${value} of ${differing}` : `${name} ${value}`,
    )
    .join(', ');
}

const MAIN: ReadonlySet<string> = new Set(['read', 'compared', 'differing', 'submitted']);

/** Contacts a second. */
function speedOf({ submittingSince, counts }: ResyncStatus, now: number): number | undefined {
  if (!submittingSince) return undefined;
  const seconds = (now - submittingSince.at) / 1000;
  const speed = (counts.submitted - submittingSince.submitted) / seconds;
  return seconds > 0 && speed > 0 ? speed : undefined;
}

function leftOf(status: ResyncStatus, now: number): string {
  const speed = speedOf(status, now);
  if (status.phase !== 'submitting' || speed === undefined) return '';
  return `${duration((status.counts.differing - status.counts.submitted) / speed)} left`;
}

function withComma(text: string): string {
  return text === '' ? '' : `, ${text}`;
}

/** `2 h 5 min` of a number of seconds. */
export function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
