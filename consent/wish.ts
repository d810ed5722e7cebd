import { type ConsentState, inForce } from './consent-state';
import type { InForce } from './in-force';
import type { Mapping } from './rules';
import { type ConsentValue, isOptOut } from './statement';

/** What Brevo shall hold for one mapped id. */
export interface Wish {
  readonly id: string;
  readonly path: string;
  /** What is in force in Didomi. */
  readonly inForce: InForce;
  /** What the mapping makes of it, or undefined where its `write` does not list the value. */
  readonly value: ConsentValue | undefined;
}

/** The wishes of a mapping, for every path of which something is in force. */
export function wishesOf(state: ConsentState, mappings: readonly Mapping[]): Wish[] {
  return mappings.flatMap(({ id, value: path, write }) => {
    const found = inForce(state, path);
    if (!found) return [];
    return [{ id, path, inForce: found, value: written(found.value, write) }];
  });
}

function written(value: ConsentValue, write: Mapping['write']): ConsentValue | undefined {
  if (!write) return value;
  const key = String(value);
  return Object.hasOwn(write, key) ? write[key] : undefined;
}

/** For the blacklist flag: a preference value that is not empty counts as subscribed. */
export function isSubscribed(value: ConsentValue): boolean {
  return !isOptOut(value);
}

/** The person takes something back: these are written first, whatever else is wrong. */
export function isWithdrawal({ inForce: { value: said }, value }: Wish): boolean {
  return isOptOut(said) || (value !== undefined && isOptOut(value));
}

const CONSENT_PATH = /^consents_.*_(enabled|enabled_li|value)$/s;

/** Anything but an answer to a question of consent may tell who the person is. */
export function isPersonalPath(path: string): boolean {
  return !CONSENT_PATH.test(path);
}
