import type { Simulator } from '../../simulator';
import { Random } from '../oracle/random';
import { misbehave } from './brevo-faults';
import type { Engine } from './engine';
import type { Habits } from './part';
import { pause } from './pause';
import type { System } from './system';

const HABITS = {
  worker: {
    lives: [
      [0, 500],
      [500, 1_500],
      [1_500, 4_000],
    ],
    whileStarting: 0.1,
    downtime: [0, 100],
  },
  ingest: {
    lives: [
      [1_000, 8_000],
      [8_000, 16_000],
      [16_000, 25_000],
    ],
    whileStarting: 0.1,
    downtime: [0, 800],
  },
  server: {
    lives: [
      [200, 3_000],
      [3_000, 6_000],
      [6_000, 12_000],
    ],
    whileStarting: 0.05,
    downtime: [0, 300],
  },
  database: {
    lives: [
      [15_000, 25_000],
      [25_000, 40_000],
    ],
    whileStarting: 0,
    downtime: [0, 800],
  },
} as const satisfies Record<string, Habits>;

/**
 * Of each so many ms the engine is left alone for the last ones: where it never runs for long, nothing is under way that
 * a worker could be killed in the middle of.
 */
const ROUND_MS = 15_000;
const ENGINE_RESTS_MS = 7_000;

/** What breaks things, until it is over. */
export class Havoc {
  private readonly over = new AbortController();
  private misbehaving: Promise<void> | undefined;
  private stormy = false;

  constructor(
    private readonly engine: Engine,
    private readonly system: System,
    private readonly simulator: Simulator,
    private readonly seed: number,
  ) {}

  /** Starts everything, and leaves it alone. Resolves when everything works. */
  async begin(): Promise<void> {
    const { engine, system } = this;
    const stormy = () => this.stormy;
    const engineIsHit = () => this.stormy && performance.now() % ROUND_MS < ROUND_MS - ENGINE_RESTS_MS;
    const random = (salt: number) => new Random(this.seed * 31 + salt);
    await engine.database?.begin(HABITS.database, random(1), engineIsHit);
    await engine.server.begin(HABITS.server, random(2), engineIsHit);
    await Promise.all([
      system.ingest.begin(HABITS.ingest, random(3), stormy),
      ...system.workers.map((worker, index) => worker.begin(HABITS.worker, random(4 + index), stormy)),
    ]);
  }

  /** Breaks things for `ms`. */
  async rage(ms: number): Promise<void> {
    this.stormy = true;
    this.misbehaving = misbehave(this.simulator, new Random(this.seed * 31 + 9), this.over.signal);
    await pause(ms);
  }

  /** Resolves when nothing breaks any more, and everything works. */
  async calm(): Promise<void> {
    this.stormy = false;
    this.over.abort();
    await this.misbehaving;
    for (const part of this.parts()) await part.working();
  }

  async end(): Promise<void> {
    const { engine, system } = this;
    await Promise.all([system.ingest.end(), ...system.workers.map((worker) => worker.end())]);
    await engine.server.end();
    await engine.database?.end();
  }

  parts() {
    const { engine, system } = this;
    return [...(engine.database ? [engine.database] : []), engine.server, system.ingest, ...system.workers];
  }
}
