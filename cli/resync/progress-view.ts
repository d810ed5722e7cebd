import { Format, SingleBar } from 'cli-progress';
import type { ResyncStatus } from '../../client/resyncs';
import { paceOf, shareOf } from '../../workflows/resync/pace';
import { tell } from '../output';

/** Without a terminal a line is written no more often than this, in ms, unless the phase changes. */
const LINE_EVERY_MS = 10_000;

interface Drawn {
  /** Somebody knows how much there is. */
  readonly drawsBar: boolean;
  readonly parts: readonly string[];
}

/** Shows on standard error how far a run is: a bar on a terminal, else plain lines. */
export class ProgressView {
  private readonly bar: SingleBar | undefined;
  private phase: ResyncStatus['phase'] | undefined;
  private toldAt = 0;
  /** Instead of how far the run is. */
  private told: string | undefined;

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
    this.told = undefined;
    if (this.bar) this.draw(this.bar, status, now);
    else this.line(status, now);
  }

  /** Temporal cannot be reached. */
  away(): void {
    this.tellOnce('Temporal is away: the run goes on when it is back.');
  }

  /** Nobody answers for the run. */
  unanswered(): void {
    this.tellOnce('No worker answers: is the service running? The run waits for it.');
  }

  private tellOnce(message: string): void {
    if (this.told === message) return;
    this.bar?.stop();
    this.phase = undefined;
    this.told = message;
    tell(message);
  }

  end(): void {
    this.bar?.stop();
  }

  private draw(bar: SingleBar, status: ResyncStatus, now: number): void {
    const share = shareOf(status);
    const value = Math.floor((share ?? 0) * WHOLE);
    const payload: Drawn = {
      drawsBar: share !== undefined,
      parts: [phaseOf(status), countsOf(status), ...paceTexts(status, now)].filter((part) => part !== ''),
    };
    if (this.phase !== status.phase) {
      bar.stop();
      bar.start(WHOLE, value, payload);
    }
    this.phase = status.phase;
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
    tell(`${phaseOf(status)}: ${countsOf(status)}${paceTexts(status, now).map(withComma).join('')}`);
  }
}

function phaseOf({ phase, state, waiting, trouble }: ResyncStatus): string {
  if (state === 'paused') return `${phase} (paused)`;
  const why = waiting ?? trouble;
  return why === undefined ? phase : `${phase} (waiting: ${why})`;
}

/** The bar's length in its own terms. */
const WHOLE = 1_000;

function countsOf({ counts, phase }: Pick<ResyncStatus, 'counts' | 'phase'>): string {
  const { read, broken, compared, differing, submitted, done, skipped, guarded, rejected, held, calls } =
    counts;
  const { forgotten = 0 } = counts;
  const shown =
    phase === 'reading'
      ? { read, broken }
      : phase === 'comparing'
        ? { calls, compared, differing }
        : { submitted, done, skipped, guarded, rejected, held, forgotten };
  return Object.entries(shown)
    .filter(([name, value]) => value > 0 || MAIN.has(name))
    .map(([name, value]) =>
      name === 'submitted' ? `submitted ${value} of ${differing}` : `${name} ${value}`,
    )
    .join(', ');
}

const MAIN: ReadonlySet<string> = new Set(['read', 'calls', 'compared', 'differing', 'submitted']);

/** Rate and time that is left. */
function paceTexts(status: ResyncStatus, now: number): string[] {
  const { perSecond, left } = paceOf(status, now);
  return [
    ...(perSecond === undefined ? [] : [`${perSecond.toFixed(1)}/s`]),
    ...(left === undefined ? [] : [`${duration(left)} left`]),
  ];
}

function withComma(text: string): string {
  return `, ${text}`;
}

/** `2 h 5 min` of a number of seconds. */
export function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
