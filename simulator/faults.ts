import type { DecidingFault, Fault, LatencyFault } from './fault-kinds';

/** A fault that is set, as GET /__sim/faults shows it. */
export interface ActiveFault {
  readonly id: number;
  readonly fault: Fault;
  /** Calls that it has struck. */
  readonly struck: number;
}

/** A call as faults match it. */
export interface FaultTarget {
  readonly method: string;
  /** Path below /v3 with its query, as sent. */
  readonly path: string;
  readonly operation: string | undefined;
  readonly template: string | undefined;
  readonly body: string;
}

/** What strikes one call. */
export interface Strike {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly rateHeaders: boolean;
  readonly deciding: DecidingFault | undefined;
  /** Short names for the call log, e.g. "status 502". */
  readonly names: readonly string[];
}

interface Entry {
  readonly id: number;
  readonly fault: Fault;
  readonly random: () => number;
  readonly endsAt: number;
  passed: number;
  struck: number;
}

/** The faults that are set now. */
export class Faults {
  private entries: Entry[] = [];
  private lastId = 0;

  constructor(private readonly now: () => number) {}

  add(faults: readonly Fault[]): void {
    for (const fault of faults) {
      this.lastId += 1;
      const endsAt = fault.forMs === undefined ? Number.POSITIVE_INFINITY : this.now() + fault.forMs;
      const random = randomFrom(fault.seed ?? 1);
      this.entries.push({ id: this.lastId, fault, random, endsAt, passed: 0, struck: 0 });
    }
  }

  clear(): void {
    this.entries = [];
  }

  remove(id: number): void {
    this.entries = this.entries.filter((entry) => entry.id !== id);
  }

  active(): ActiveFault[] {
    this.forgetPast();
    return this.entries.map(({ id, fault, struck }) => ({ id, fault, struck }));
  }

  strike(target: FaultTarget): Strike {
    this.forgetPast();
    let [beforeMs, afterMs, rateHeaders] = [0, 0, true];
    let deciding: DecidingFault | undefined;
    const names: string[] = [];
    for (const entry of this.entries) {
      const { fault } = entry;
      const decides = fault.kind !== 'latency' && fault.kind !== 'withoutRateHeaders';
      if ((decides && deciding !== undefined) || !strikes(entry, target)) continue;
      names.push(fault.kind === 'status' ? `status ${fault.status}` : fault.kind);
      if (fault.kind === 'withoutRateHeaders') rateHeaders = false;
      else if (fault.kind !== 'latency') deciding = fault;
      else if (fault.phase === 'after') afterMs += duration(fault, entry.random);
      else beforeMs += duration(fault, entry.random);
    }
    return { beforeMs, afterMs, rateHeaders, deciding, names };
  }

  private forgetPast(): void {
    const now = this.now();
    this.entries = this.entries.filter(
      ({ fault, struck, endsAt }) => now < endsAt && struck < (fault.times ?? Number.POSITIVE_INFINITY),
    );
  }
}

function strikes(entry: Entry, target: FaultTarget): boolean {
  const { fault } = entry;
  if (!matches(fault.match, target)) return false;
  if (fault.probability !== undefined && entry.random() >= fault.probability) return false;
  if (entry.passed < (fault.skip ?? 0)) {
    entry.passed += 1;
    return false;
  }
  entry.struck += 1;
  return true;
}

function matches(match: Fault['match'], target: FaultTarget): boolean {
  if (match === undefined) return true;
  const { method, route, path, body } = match;
  if (method !== undefined && method.toUpperCase() !== target.method) return false;
  if (route !== undefined && route !== target.operation && route !== target.template) return false;
  if (path !== undefined && !new RegExp(path).test(target.path)) return false;
  return body === undefined || new RegExp(body).test(target.body);
}

function duration({ ms }: LatencyFault, random: () => number): number {
  return typeof ms === 'number' ? ms : ms[0] + random() * (ms[1] - ms[0]);
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
