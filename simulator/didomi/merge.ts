import type { Consents, Item, Vendors } from './entities';

export const NO_CONSENTS: Consents = {
  channels: [],
  purposes: [],
  vendors: { enabled: [], disabled: [], enabled_li: [], disabled_li: [] },
  tcfcs: null,
};

/**
 * A user's consents with those of one event merged in: an event touches only what it lists (seen in Didomi's API
 * reference), values by preference (inferred). Null says nothing.
 */
export function merged(consents: Consents, said: Consents): Consents {
  return {
    channels: mergedItems(consents.channels, said.channels),
    purposes: mergedItems(consents.purposes, said.purposes),
    vendors: mergedVendors(consents.vendors, said.vendors),
    tcfcs: said.tcfcs ?? consents.tcfcs,
  };
}

function mergedItems(items: readonly Item[], said: readonly Item[]): Item[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  for (const item of said) byId.set(item.id, mergedItem(byId.get(item.id) ?? newItem(item.id), item));
  return [...byId.values()];
}

function newItem(id: string): Item {
  return { id, enabled: null };
}

/** What one-click consent did shows only in events (seen in Didomi's guide to one-click consent). */
const OF_EVENTS_ONLY = 'propagation';

function mergedItem(item: Item, said: Item): Item {
  const changes = Object.entries(said)
    .filter(([property, value]) => value !== null && value !== undefined && property !== OF_EVENTS_ONLY)
    .map(([property, value]) => [property, mergedProperty(property, item[property], value)]);
  return { ...item, ...Object.fromEntries(changes) };
}

function mergedProperty(property: string, held: unknown, said: unknown): unknown {
  if (Array.isArray(said)) return mergedItems(Array.isArray(held) ? held : [], said);
  if (property === 'metadata') return { ...(held as object), ...(said as object) };
  if (property !== 'values') return said;
  const values = Object.entries(said as Readonly<Record<string, { value: string } | null>>);
  const chosen = values.flatMap(([id, answer]) => (answer === null ? [] : [[id, { value: answer.value }]]));
  return { ...(held as object), ...Object.fromEntries(chosen) };
}

/** A vendor that is listed on one side leaves the other. */
function mergedVendors(held: Vendors, said: Vendors): Vendors {
  const side = (listed: keyof Vendors, opposite: keyof Vendors): string[] => {
    const kept = held[listed].filter((vendor) => !said[opposite].includes(vendor));
    return [...new Set([...kept, ...said[listed]])];
  };
  return {
    enabled: side('enabled', 'disabled'),
    disabled: side('disabled', 'enabled'),
    enabled_li: side('enabled_li', 'disabled_li'),
    disabled_li: side('disabled_li', 'enabled_li'),
  };
}
