import { consentsOf, type Slot } from './consents';
import type { Delivery, Json } from './delivery';
import { ANA, anySayings, someSlots } from './histories';
import type { Random } from './random';
import { FORMS, onTheWire, SPELLINGS, spelled } from './wire';

/** In s. */
const BEGIN = Date.parse('2026-03-04T09:00:00Z') / 1000;

/** Few seconds, so that most times tie; the last ones lie ahead of some clocks. */
const TIMES = [0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 250, 400, 2_000] as const;
const RECEIPTS = [3, 4, 5, 5, 120, 3_000] as const;

/**
 * Messages that no Didomi would send together: events that change their time, records that go back, old entities that
 * contradict what was sent before. Whatever comes, the order of arrival must not decide.
 */
export function contradictions(
  random: Random,
  sizes: {
    readonly messages: readonly [least: number, most: number];
    readonly slots: number;
    /** How many different events they speak of. Default 3. */
    readonly events?: number;
  },
): Delivery[] {
  const slots = someSlots(random, sizes.slots);
  const paths = [...new Set(slots.map(({ path }) => path))];
  return Array.from({ length: random.integer(...sizes.messages) }, () => {
    const message = anyMessage(random, slots, sizes.events ?? 3);
    return {
      message: onTheWire(message, random.chance(0.6) ? 'plain' : random.pick(FORMS)),
      receivedAt: (BEGIN + random.pick(RECEIPTS)) * 1000 + 250,
      paths: random.chance(0.75) ? paths : random.some(paths, 1),
      regulations: ['gdpr', 'cpra'],
    };
  });
}

function anyMessage(random: Random, slots: readonly Slot[], events: number): Json {
  const id = `event-${random.integer(1, events)}`;
  const about = random.pick(['event', 'user']);
  const entity = () => (about === 'event' ? anyEvent(random, slots, id) : anyUser(random, slots));
  const regulation = random.chance(0.3) ? { regulation: random.pick(['gdpr', 'cpra', 'CPRA', 'ctdpa']) } : {};
  if (random.chance(0.35))
    return { type: `${about}.created`, ...regulation, parameters: { entity: entity() } };
  const source = { id, created_at: anyTime(random) };
  return {
    type: `${about}.updated`,
    ...regulation,
    parameters: {
      ...(random.chance(0.8) && { source }),
      ...(random.chance(0.8) && { old_entity: entity() }),
      new_entity: entity(),
    },
  };
}

function anyEvent(random: Random, slots: readonly Slot[], id: string): Json {
  return {
    id,
    created_at: anyTime(random),
    ...(random.chance(0.8) && { updated_at: anyTime(random) }),
    ...(random.chance(0.9) && { status: random.chance(0.75) ? 'confirmed' : 'pending_approval' }),
    ...(random.chance(0.3) && { regulation: random.pick(['gdpr', 'cpra']) }),
    user: {
      ...(random.chance(0.9) && { id: random.pick(['user-1', 'user-1', 'user-2']) }),
      organization_user_id: ANA,
    },
    consents: consentsOf(anySayings(random, random.some(slots))),
  };
}

function anyUser(random: Random, slots: readonly Slot[]): Json {
  return {
    id: random.pick(['user-1', 'user-1', 'user-2']),
    organization_user_id: ANA,
    version: random.integer(1, 3),
    created_at: spelled(BEGIN),
    updated_at: anyTime(random),
    consents: consentsOf(anySayings(random, random.some(slots))),
  };
}

function anyTime(random: Random): string {
  return spelled(BEGIN + random.pick(TIMES), random.pick(SPELLINGS));
}
