import { isObject, type Json } from './delivery';

export type Value = boolean | string;

/** What an entity says on a path: a value, nothing, or several different values, of which none is taken. */
export type Said = { readonly value: Value } | 'nothing' | 'in doubt';

/** An opt-out is `false`, or a preference of which nothing is chosen. */
export const isOptOut = (value: Value): boolean => value === false || value === '';

/** Looks a path up among all paths that lead to something in these consents. */
export function said(entity: Json, path: string): Said {
  const values = new Set(
    everyPath(isObject(entity.consents) ? entity.consents : {})
      .filter(([name, value]) => name === path && (typeof value === 'boolean' || typeof value === 'string'))
      .map(([, value]) => value as Value),
  );
  const [value] = values;
  if (value === undefined) return 'nothing';
  return values.size > 1 ? 'in doubt' : { value };
}

/** Every path that Didomi names in its documentation, spelled out one by one. */
function everyPath(consents: Json): [path: string, value: unknown][] {
  const found: [string, unknown][] = [];
  for (const channel of items(consents.channels)) {
    found.push([`consents_channels_${channel.id}_enabled`, channel.enabled]);
  }
  for (const purpose of items(consents.purposes)) {
    const ofPurpose = `consents_purposes_${purpose.id}`;
    found.push([`${ofPurpose}_enabled`, purpose.enabled]);
    for (const [preference, answer] of Object.entries(isObject(purpose.values) ? purpose.values : {})) {
      if (isObject(answer)) found.push([`${ofPurpose}_values_${preference}_value`, answer.value]);
    }
    for (const channel of items(purpose.channels)) {
      found.push([`${ofPurpose}_channel_${channel.id}_enabled`, channel.enabled]);
      found.push([`${ofPurpose}_channels_${channel.id}_enabled`, channel.enabled]);
    }
    for (const preference of items(purpose.preferences)) {
      const ofPreference = `${ofPurpose}_preferences_${preference.id}`;
      found.push([`${ofPreference}_enabled`, preference.enabled]);
      found.push([`consents_preferences_${preference.id}_enabled`, preference.enabled]);
      for (const channel of items(preference.channels)) {
        found.push([`${ofPreference}_channel_${channel.id}_enabled`, channel.enabled]);
        found.push([`${ofPreference}_channels_${channel.id}_enabled`, channel.enabled]);
      }
    }
  }
  return found;
}

function items(list: unknown): Json[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
