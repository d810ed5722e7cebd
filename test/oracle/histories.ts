import { type Sayings, SLOTS, type Slot } from './consents';
import type { Delivery, Json } from './delivery';
import { DidomiWorld, type Told } from './didomi-world';
import type { Random } from './random';
import type { Value } from './said';
import { FORMS, onTheWire, SPELLINGS } from './wire';

export const ANA = 'ana@example.com';
const ANA_LATER = 'ana.new@example.com';
const SPELLINGS_OF_ANA = [ANA, ANA, ' Ana@Example.com '] as const;

/** In s. */
const BEGIN = Date.parse('2026-03-04T09:00:00Z') / 1000;
const MINUTE = 60;
const DAY = 86_400;

const USERS = ['user-1', 'user-1', 'user-2', 'user-3'] as const;
const REGULATIONS = ['gdpr', 'gdpr', 'gdpr', 'gdpr', 'cpra', 'cpra', 'ctdpa'] as const;
/** Of the three regulations the integration takes two. */
const TAKEN = ['gdpr', 'cpra'] as const;
const TOLD = ['event', 'user', 'both', 'both', 'both', 'none'] as const satisfies Told[];

/** Seconds that pass: often none, so that times tie. */
const PAUSES = [0, 0, 0, 1, 1, 2, 30, 10 * MINUTE, DAY] as const;

/** When an event says that it happened, in s after Didomi got it: imports lie in the past, some clocks are ahead. */
const CREATED_AFTER = [0, 0, 0, 0, -1, -10, -DAY, -30 * DAY, 2 * MINUTE, 6 * MINUTE, 400 * DAY] as const;

const CREATED_BEFORE_RECEIPT = [0, 0, 0, 0, -1, -10, -DAY, -30 * DAY, 2 * MINUTE, 6 * MINUTE] as const;

/** How long a message is under way, in ms; less than nothing where our clock is behind Didomi's. */
const UNDER_WAY = [-1500, 0, 0, 800, 800, 4000, 7 * MINUTE * 1000, 3 * DAY * 1000] as const;

export interface HistorySizes {
  /** What happens in Didomi: each makes none, one or two messages, some of them delivered twice. */
  readonly acts: readonly [least: number, most: number];
  /** How many different places of the consents it is about. */
  readonly slots: number;
  /** Didomi users may get another organization_user_id. */
  readonly moves?: boolean;
  /** Whose history it is. Default: Ana, spelled in one of her ways. */
  readonly organizationUserId?: string;
  /** Whole seconds since the epoch. Default: a day in March 2026. */
  readonly begin?: number;
  /** What we make of a message depends on when it reaches us: its clock may be ahead, or it may tell no updated_at. */
  readonly receiptMatters?: boolean;
}

/** Deliveries of a Didomi that agrees with itself, in the order in which it sent them. */
export function consistentHistory(random: Random, sizes: HistorySizes): Delivery[] {
  const { acts, moves = false, begin = BEGIN, receiptMatters = true } = sizes;
  const slots = someSlots(random, sizes.slots);
  const mapping = anyMapping(random, slots);
  const organizationUserId = sizes.organizationUserId ?? random.pick(SPELLINGS_OF_ANA);
  const world = new DidomiWorld(begin, organizationUserId, random.pick(SPELLINGS));
  const deliveries: Delivery[] = [];
  for (let act = random.integer(...acts); act > 0; act -= 1) {
    world.now += random.pick(PAUSES);
    const messages =
      moves && random.chance(0.15) ? anyMove(random, world) : anyAct(random, world, slots, receiptMatters);
    const form = random.chance(0.7) ? 'plain' : random.pick(FORMS);
    for (const message of messages) {
      for (let times = random.chance(0.15) ? 2 : 1; times > 0; times -= 1) {
        const receivedAt = world.now * 1000 + random.pick(UNDER_WAY);
        const paths = mapping(receivedAt);
        deliveries.push({ message: onTheWire(message, form), receivedAt, paths, regulations: TAKEN });
      }
    }
  }
  return deliveries;
}

export function someSlots(random: Random, most: number): readonly [Slot, ...Slot[]] {
  const [first, ...others] = random.shuffled(SLOTS).slice(0, random.integer(1, most));
  if (!first) throw new Error('there are slots');
  return [first, ...others];
}

function anyAct(
  random: Random,
  world: DidomiWorld,
  slots: readonly [Slot, ...Slot[]],
  receiptMatters: boolean,
): Json[] {
  const told = random.pick(TOLD);
  const which = random.integer(0, 30);
  const draw = random.integer(1, 13);
  if (draw <= 6) {
    const options = {
      pending: random.chance(0.25),
      createdAt: world.now + random.pick(receiptMatters ? CREATED_AFTER : CREATED_BEFORE_RECEIPT),
      tellsUpdatedAt: !receiptMatters || random.chance(0.8),
    };
    const says = anySayings(random, random.some(slots, 1, Math.min(3, slots.length)));
    return world.choose(random.pick(USERS), random.pick(REGULATIONS), says, options, told);
  }
  if (draw <= 9) {
    const slot = random.pick(slots);
    return world.patch(which, slot, random.chance(0.3) ? undefined : anyValue(random, slot), told);
  }
  if (draw <= 10) return world.approve(which, told);
  if (draw <= 11) return world.fallBack(which, told);
  if (draw <= 12) return world.addProof(which, told);
  return world.touch(random.pick(USERS), random.pick(REGULATIONS));
}

function anyMove(random: Random, world: DidomiWorld): Json[] {
  return world.move(random.pick(USERS), random.pick([ANA, ANA_LATER]));
}

export function anySayings(random: Random, slots: readonly Slot[]): Sayings {
  return new Map(slots.map((slot) => [slot, anyValue(random, slot)]));
}

function anyValue(random: Random, { values }: Slot): Value | null {
  return random.chance(0.1) ? null : random.pick(values);
}

/** The paths that are mapped for what is received at a time: the mapping may change while messages come in. */
function anyMapping(random: Random, slots: readonly Slot[]): (receivedAt: number) => readonly string[] {
  const paths = [...new Set(slots.map(({ path }) => path))];
  const changes = random.chance(0.4) ? random.integer(1, 2) : 0;
  const later = Array.from({ length: changes }, () => ({
    from: (BEGIN + random.pick([0, 1, 2, 30, 10 * MINUTE, DAY])) * 1000,
    mapped: random.some(paths, 1),
  }));
  return (receivedAt) => later.find(({ from }) => receivedAt >= from)?.mapped ?? paths;
}
