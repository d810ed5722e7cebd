import { Prototypes } from './prototypes';
import type { Target } from './target';

/** What any input may take, in ms; beside it a part for its length. So much is no more than a pause of the machine. */
const PAUSE_MS = 40;
const MS_PER_KIB = 2;
/** And in memory. */
const HEAP_BYTES = 64 * 1_048_576;
const HEAP_BYTES_PER_BYTE = 400;
/** Shorter inputs cannot take much that does not show in their time. */
const WEIGHED_FROM_BYTES = 32_768;
/** What is too slow once, because the machine was busy, is not so each time. */
const TRIES = 5;

export interface Verdict {
  readonly understood: boolean;
  /** ms */
  readonly took: number;
}

/** Lets a target read, and sees what any parser must not do: change prototypes, take long, take much memory. */
export class Judge {
  private readonly prototypes = new Prototypes();
  private judged = 0;

  /** @throws whatever is a fault */
  async verdict(target: Target, input: Buffer): Promise<Verdict> {
    const heap = input.length < WEIGHED_FROM_BYTES ? 0 : process.memoryUsage().heapUsed;
    const { understood, took } = await this.timed(target, input);
    if (heap > 0) assertLight(input, process.memoryUsage().heapUsed - heap);
    this.judged += 1;
    if (this.judged % 256 === 0) this.prototypes.assertUnchanged();
    const most = PAUSE_MS + (input.length / 1_024) * MS_PER_KIB;
    if (took > most) await this.assertQuick(target, input, most);
    return { understood, took };
  }

  /** Of several tries, the least time of the processor that an input took, in ms: others may keep it busy, too. */
  async best(target: Target, input: Buffer): Promise<number> {
    const times: number[] = [];
    for (let tries = 0; tries < TRIES; tries += 1) {
      const before = process.cpuUsage();
      await this.timed(target, input);
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1_000);
    }
    return Math.min(...times);
  }

  assertPrototypesUnchanged(): void {
    this.prototypes.assertUnchanged();
  }

  private async timed(target: Target, input: Buffer): Promise<Verdict> {
    const began = performance.now();
    try {
      const read = target.read(input);
      const understood = typeof read === 'boolean' ? read : await read;
      return { understood, took: performance.now() - began };
    } finally {
      this.prototypes.assertObjectUnchanged();
    }
  }

  private async assertQuick(target: Target, input: Buffer, most: number): Promise<void> {
    const best = await this.best(target, input);
    if (best > most) throw new Error(`too slow: ${Math.round(best)} ms for ${input.length} bytes`);
  }
}

function assertLight(input: Buffer, grownBy: number): void {
  if (grownBy <= HEAP_BYTES + input.length * HEAP_BYTES_PER_BYTE) return;
  throw new Error(`takes ${Math.round(grownBy / 1_048_576)} MiB for ${input.length} bytes`);
}
