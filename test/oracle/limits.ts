import type { Delivery } from './delivery';
import { type Testimony, testimonies } from './testimony';

/** Choices, retractions and Didomi users kept of one path. */
const KEPT = 8;

/** The deliveries without those that would bring more than the product keeps. */
export function withinLimits(deliveries: readonly Delivery[]): Delivery[] {
  const kept = new Map<string, Set<string>>();
  return deliveries.filter((delivery) => {
    const counted = testimonies(delivery).flatMap(counts);
    const fits = counted.every(([what, one]) => {
      const ones = kept.get(what);
      return ones === undefined || ones.has(one) || ones.size < KEPT;
    });
    if (!fits) return false;
    for (const [what, one] of counted) kept.set(what, (kept.get(what) ?? new Set<string>()).add(one));
    return true;
  });
}

/** What it adds one to: the Didomi users of a path, the choices or the retractions of one of them. */
function counts(one: Testimony): [what: string, one: string][] {
  const path = JSON.stringify([one.regulation, one.path]);
  const register = JSON.stringify([path, one.user, one.kind]);
  const user: [string, string] = [path, one.user];
  if (one.kind === 'choice') return [user, [register, JSON.stringify([one.at, one.event, one.value])]];
  if (one.kind === 'retraction') return [user, [register, one.event]];
  return [user];
}
