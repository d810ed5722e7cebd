import { Random } from '../oracle/random';
import { Judge } from './judge';
import { minimal } from './minimal';
import { Mutator } from './mutator';
import type { Target } from './target';

/** What became of the inputs of one target. */
export interface Figures {
  readonly target: string;
  inputs: number;
  understood: number;
  refused: number;
  bytes: number;
  /** The longest that an input took, in ms; the shortest of several tries. */
  slowestMs: number;
  /** Of the processor: how busy others keep the machine does not count. */
  seconds: number;
}

/** An input that made a parser do what it must not. */
export interface Fault {
  readonly target: string;
  readonly error: Error;
  readonly input: Buffer;
  /** As short as it could be made. */
  readonly minimal: Buffer;
}

export interface CampaignOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Told now and then how it goes. */
  readonly onProgress?: (figures: Figures) => void;
}

const MADE_AT_ONCE = 64;
/** Inputs that were understood are changed further; only so many, and none that are long. */
const MOST_KEPT = 512;
const LONGEST_KEPT = 4_096;
const TOLD_EVERY = 20_000;

/** Gives a target inputs, up to the first fault. The same ones for the same seed. */
export async function fuzz(
  target: Target,
  { inputs, seed, onProgress }: CampaignOptions,
): Promise<{ readonly figures: Figures; readonly fault?: Fault }> {
  const figures = noneYet(target.name);
  const judge = new Judge();
  const source = new Inputs(target, seed);
  const before = process.cpuUsage();
  const { stackTraceLimit } = Error;
  // To write down where errors come from takes longer than most parsers do.
  Error.stackTraceLimit = 0;
  try {
    while (figures.inputs < inputs) {
      const input = source.next();
      const { understood } = figures;
      const fault = await judged(target, input, judge, figures);
      if (fault !== undefined) {
        Error.stackTraceLimit = stackTraceLimit;
        return { figures, fault: await described(target, input, judge, fault) };
      }
      if (figures.understood > understood) source.keep(input);
      if (figures.inputs % TOLD_EVERY !== 0 && figures.inputs < inputs) continue;
      figures.seconds = secondsOf(process.cpuUsage(before));
      onProgress?.(figures);
    }
    judge.assertPrototypesUnchanged();
    return { figures };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** @returns what was thrown, if anything */
async function judged(
  target: Target,
  input: Buffer,
  judge: Judge,
  figures: Figures,
): Promise<{ readonly thrown: unknown } | undefined> {
  try {
    const { understood, took } = await judge.verdict(target, input);
    figures.inputs += 1;
    figures.bytes += input.length;
    figures[understood ? 'understood' : 'refused'] += 1;
    if (took > figures.slowestMs) {
      figures.slowestMs = Math.max(figures.slowestMs, Math.min(took, await judge.best(target, input)));
    }
    return undefined;
  } catch (thrown) {
    return { thrown };
  }
}

/** Once more, for where it comes from. */
async function described(
  target: Target,
  input: Buffer,
  judge: Judge,
  { thrown }: { readonly thrown: unknown },
): Promise<Fault> {
  const again = await judge.verdict(target, input).then(
    () => thrown,
    (error: unknown) => error,
  );
  const error = asError(again);
  return { target: target.name, error, input, minimal: await minimal(target, input, judge, error) };
}

function noneYet(target: string): Figures {
  return { target, inputs: 0, understood: 0, refused: 0, bytes: 0, slowestMs: 0, seconds: 0 };
}

/** Where inputs come from: the corpus, the grammar, and changes of both. */
class Inputs {
  private readonly random: Random;
  private readonly pool: Buffer[];
  private readonly mutator: Mutator;
  private made: string[] = [];
  private readonly corpusSize: number;
  private given = 0;

  constructor(
    private readonly target: Target,
    seed: number,
  ) {
    this.random = new Random(seed ^ hashOf(target.name));
    this.pool = target.corpus.map((one) => Buffer.from(one));
    this.corpusSize = this.pool.length;
    this.mutator = new Mutator(this.random, target.words ?? [], this.pool);
  }

  /** First the corpus as it is. */
  next(): Buffer {
    const asItIs = this.pool[this.given];
    this.given += 1;
    if (this.given <= this.corpusSize && asItIs) return asItIs;
    const { grammar } = this.target;
    if (grammar && this.random.chance(0.2)) {
      const one = Buffer.from(this.fromGrammar(grammar));
      return this.random.chance(0.5) ? one : this.mutator.mutated(one);
    }
    return this.mutator.mutated(this.random.pick(this.pool as [Buffer, ...Buffer[]]));
  }

  keep(input: Buffer): void {
    if (input.length > LONGEST_KEPT || !this.random.chance(0.02)) return;
    if (this.pool.length < MOST_KEPT) this.pool.push(input);
    else this.pool[this.random.integer(this.corpusSize, MOST_KEPT - 1)] = input;
  }

  private fromGrammar(grammar: NonNullable<Target['grammar']>): string {
    if (this.made.length === 0) {
      this.made = [...grammar(this.random.integer(0, 2 ** 31 - 1), MADE_AT_ONCE)];
    }
    return this.made.pop() ?? '';
  }
}

function secondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000_000;
}

function asError(error: unknown): Error {
  return error instanceof Error
    ? error
    : new Error(`something that is no error was thrown: ${String(error)}`);
}

function hashOf(text: string): number {
  let hash = 0;
  for (const character of text) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return hash;
}
