import type { Random } from '../oracle/random';
import { pause } from './pause';

/** A process that was started. */
export interface Running {
  /** Resolves, never rejects, when it does its work. May never do so. */
  readonly ready: Promise<void>;
  /** Resolves, never rejects, when it has ended for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends it as a crash would. */
  kill(): void;
  /** Ends it in an orderly way. */
  stop(): Promise<void>;
}

/** How long a part is left alone, in ms. */
export interface Habits {
  /** Of its working life; the first is drawn more often than the later ones. */
  readonly lives: readonly (readonly [least: number, most: number])[];
  /** Share of the kills that do not wait until it works. */
  readonly whileStarting: number;
  /** Until it is started again. */
  readonly downtime: readonly [least: number, most: number];
}

/** Longest wait, in ms, for a part to work before it is killed all the same: what it needs may be away. */
const PATIENCE_MS = 10_000;
const STARTING_MS = 1_500;
/** A part that ends by itself is started again after so many ms. */
const RESTART_MS = 500;
/** One that can't be killed yet is killed again after so many ms. */
const KILL_AGAIN_MS = 500;
const LOOK_AGAIN_MS = 20;

/** A process of the system that is killed again and again, and always started anew. */
export class Part {
  /** Kills, and how many of them met it at work. */
  kills = 0;
  killedAtWork = 0;
  /** Ends that nobody asked for. */
  endedByItself = 0;
  starts = 0;
  private current: Running | undefined;
  private readonly over = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    readonly name: string,
    private readonly launch: () => Promise<Running>,
  ) {}

  /**
   * Runs from now on, and resolves when it works for the first time.
   *
   * @param habits how it is killed while `stormy` is true
   */
  async begin(habits: Habits, random: Random, stormy: () => boolean): Promise<void> {
    let first = () => {};
    const works = new Promise<void>((resolve) => {
      first = resolve;
    });
    this.loop = this.keepUp(habits, random, stormy, first);
    await Promise.race([
      works,
      this.loop.then(() => Promise.reject(new Error(`${this.name} does not start: see its log`))),
    ]);
  }

  /** Resolves when the process that runs now works. */
  async working(): Promise<void> {
    for (;;) {
      const { current } = this;
      const isReady =
        current && (await Promise.race([current.ready.then(() => true), current.ended.then(() => false)]));
      if (isReady && current === this.current) return;
      await pause(LOOK_AGAIN_MS);
    }
  }

  async end(): Promise<void> {
    this.over.abort();
    await this.current?.stop();
    await this.loop;
  }

  private async keepUp(
    habits: Habits,
    random: Random,
    stormy: () => boolean,
    works: () => void,
  ): Promise<void> {
    const { signal } = this.over;
    while (!signal.aborted) {
      const running = await this.launch();
      this.starts += 1;
      this.current = running;
      const state = { ready: false, ended: false };
      void running.ready.then(() => {
        state.ready = true;
        works();
      });
      const ended = running.ended.then(() => {
        state.ended = true;
      });
      const life = new AbortController();
      await Promise.race([ended, this.untilDue(running, habits, random, stormy, life.signal)]);
      life.abort();
      if (!state.ended && !signal.aborted) {
        this.kills += 1;
        if (state.ready) this.killedAtWork += 1;
        while (!state.ended) {
          running.kill();
          await Promise.race([ended, pause(KILL_AGAIN_MS)]);
        }
        await pause(random.integer(...habits.downtime), signal);
      } else if (!signal.aborted) {
        this.endedByItself += 1;
        await pause(RESTART_MS, signal);
      } else {
        await ended;
      }
      this.current = undefined;
    }
  }

  /** Resolves when it is to be killed, or at the end. */
  private async untilDue(
    running: Running,
    { lives, whileStarting }: Habits,
    random: Random,
    stormy: () => boolean,
    life: AbortSignal,
  ): Promise<void> {
    const ms = random.integer(...weighted(random, lives));
    if (random.chance(whileStarting)) {
      await pause(random.integer(0, STARTING_MS), life);
    } else {
      await Promise.race([running.ready, pause(PATIENCE_MS, life)]);
      await pause(ms, life);
    }
    while (!stormy() && !life.aborted && !this.over.signal.aborted) await pause(50, life);
  }
}

/** The first half the time, the second half of the rest, and so on. */
function weighted<T>(random: Random, all: readonly T[]): T {
  const [first, ...others] = all;
  if (first === undefined) throw new Error('nothing to choose from');
  return others.length === 0 || random.chance(0.5) ? first : weighted(random, others);
}
