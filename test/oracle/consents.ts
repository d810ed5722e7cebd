import type { Json } from './delivery';
import type { Value } from './said';

/** A place in Didomi's consents, and the path by which an integration names it. */
export interface Slot {
  readonly path: string;
  readonly values: readonly [Value, ...Value[]];
  readonly put: (consents: Draft, value: Value | null) => void;
}

type Draft = { channels: Item[]; purposes: Item[] };
type Item = { id: string; enabled?: Value | null; [property: string]: unknown };

const YES_OR_NO = [true, false] as const;

function purpose(id: string): Slot {
  return {
    path: `consents_purposes_${id}_enabled`,
    values: YES_OR_NO,
    put: (consents, value) => {
      itemOf(consents.purposes, id).enabled = value;
    },
  };
}

function answer(ofPurpose: string, id: string, values: readonly [string, ...string[]]): Slot {
  return {
    path: `consents_purposes_${ofPurpose}_values_${id}_value`,
    values,
    put: ({ purposes }, value) => {
      const item = itemOf(purposes, ofPurpose);
      item.values = { ...(item.values as Json | undefined), [id]: { value } };
    },
  };
}

/** Didomi's first version of preferences. */
function preference(ofPurpose: string, id: string, path: string): Slot {
  return {
    path,
    values: YES_OR_NO,
    put: ({ purposes }, value) => {
      itemOf(listOf(itemOf(purposes, ofPurpose), 'preferences'), id).enabled = value;
    },
  };
}

function preferenceChannel(ofPurpose: string, preferenceId: string, id: string): Slot {
  return {
    path: `consents_purposes_${ofPurpose}_preferences_${preferenceId}_channel_${id}_enabled`,
    values: YES_OR_NO,
    put: ({ purposes }, value) => {
      const inPreference = itemOf(listOf(itemOf(purposes, ofPurpose), 'preferences'), preferenceId);
      itemOf(listOf(inPreference, 'channels'), id).enabled = value;
    },
  };
}

function channel(id: string): Slot {
  return {
    path: `consents_channels_${id}_enabled`,
    values: YES_OR_NO,
    put: ({ channels }, value) => {
      itemOf(channels, id).enabled = value;
    },
  };
}

/** Two of them have one path: it is in doubt where both answer, and answer differently. */
export const SLOTS: readonly Slot[] = [
  purpose('newsletter'),
  answer('newsletter', 'topics_fr', ['', 'sport', 'culture,sport']),
  purpose('profiling'),
  answer('profiling', 'frequency', ['', 'daily', 'weekly']),
  preferenceChannel('news', 'offers', 'push'),
  preference('news', 'offers', 'consents_preferences_offers_enabled'),
  channel('email'),
  purpose('shop_preferences_deals'),
  preference('shop', 'deals', 'consents_purposes_shop_preferences_deals_enabled'),
];

/** What a record says: for some slots a value, or null. */
export type Sayings = ReadonlyMap<Slot, Value | null>;

/** The `consents` of an event or a user. */
export function consentsOf(sayings: Sayings): Json {
  const consents: Draft = { channels: [], purposes: [] };
  for (const [slot, value] of sayings) slot.put(consents, value);
  return consents;
}

function itemOf(items: Item[], id: string): Item {
  const found = items.find((item) => item.id === id);
  if (found) return found;
  const item: Item = { id };
  items.push(item);
  return item;
}

function listOf(item: Item, property: 'preferences' | 'channels'): Item[] {
  const items = (item[property] ?? []) as Item[];
  item[property] = items;
  return items;
}
