import { networkOf, plainAddress } from '../../config';

/** So many failures at once, and one more each time this many ms have passed. */
interface Allowance {
  readonly failures: number;
  readonly perMs: number;
}

/** For one source address. */
const ADDRESS: Allowance = { failures: 10, perMs: 6_000 };
/** For one source address, while the client id that it tries is under attack from many addresses. */
const ADDRESS_UNDER_ATTACK: Allowance = { failures: 2, perMs: 600_000 };
/** For one client id, from all addresses together: beyond it the id is under attack. */
const CLIENT: Allowance = { failures: 100, perMs: 6_000 };

/** Addresses that are remembered: beyond it the one whose last failure is longest ago is forgotten. */
const MAX_ADDRESSES = 10_000;
/** Pairs of address and client id that have proved themselves. */
const MAX_PROVEN = 1_000;
const PROVEN_MS = 24 * 3_600_000;
/** One subscriber has at least so large a network of IPv6 addresses. */
const SUBSCRIBER_PREFIX = 64;

/**
 * How often secrets may be guessed. Failures count for the address that they come from, never against a client id
 * alone: whoever knows an id could lock its owner out. From an address that has not failed one may always try, and
 * from one where the right secret was given lately, the right secret is always taken.
 */
export class AttemptLimits {
  private readonly addresses = new Map<string, { readonly usual: Level; readonly underAttack: Level }>();
  private readonly clients = new Map<string, Level>();
  private readonly proven = new Map<string, number>();

  /** @param now a clock in ms that never goes back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * @param id of a client that exists; undefined for any other
   * @returns seconds until this address may try again, undefined when it may try now
   */
  secondsToWait(address: string, id: string | undefined): number | undefined {
    const levels = this.addresses.get(sourceOf(address));
    if (!levels) return undefined;
    const now = this.now();
    const client = id === undefined ? undefined : this.clients.get(id);
    const underAttack = client !== undefined && client.msToWait(now) > 0;
    const ms = Math.max(levels.usual.msToWait(now), underAttack ? levels.underAttack.msToWait(now) : 0);
    return ms > 0 ? Math.ceil(ms / 1_000) : undefined;
  }

  /** Whether this address gave the right secret of this client lately. */
  hasProved(address: string, id: string | undefined): boolean {
    const at = id === undefined ? undefined : this.proven.get(pairOf(address, id));
    return at !== undefined && this.now() - at < PROVEN_MS;
  }

  succeeded(address: string, id: string): void {
    remember(this.proven, pairOf(address, id), this.now(), MAX_PROVEN);
  }

  failed(address: string, id: string | undefined): void {
    const now = this.now();
    const source = sourceOf(address);
    const levels = this.addresses.get(source) ?? {
      usual: new Level(ADDRESS),
      underAttack: new Level(ADDRESS_UNDER_ATTACK),
    };
    levels.usual.add(now);
    levels.underAttack.add(now);
    remember(this.addresses, source, levels, MAX_ADDRESSES);
    if (id === undefined) return;
    const client = this.clients.get(id) ?? new Level(CLIENT);
    client.add(now);
    this.clients.set(id, client);
  }
}

/** Failures that wear off. */
class Level {
  private failures = 0;
  private at = 0;

  constructor(private readonly allowance: Allowance) {}

  add(now: number): void {
    this.failures = Math.min(this.left(now) + 1, this.allowance.failures);
    this.at = now;
  }

  /** Until one more failure is allowed; 0 when it is. */
  msToWait(now: number): number {
    const over = this.left(now) - this.allowance.failures + 1;
    return Math.max(0, over * this.allowance.perMs);
  }

  private left(now: number): number {
    return Math.max(0, this.failures - (now - this.at) / this.allowance.perMs);
  }
}

/** Who can change addresses within a network counts as one. */
function sourceOf(address: string): string {
  const plain = plainAddress(address);
  if (plain === undefined) return 'unknown';
  return plain.family === 'ipv6' ? networkOf(plain.family, plain.address, SUBSCRIBER_PREFIX) : plain.address;
}

function pairOf(address: string, id: string): string {
  return `${sourceOf(address)} ${id}`;
}

/** Keeps the newest `max`. */
function remember<T>(map: Map<string, T>, key: string, value: T, max: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}
