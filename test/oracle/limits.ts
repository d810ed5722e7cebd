import type { Delivery } from './delivery';
import { type Testimony, testimonies } from './testimony';

/** Choices, retractions and Didomi users kept of one path. */
const KEPT = 8;

/** The deliveries without those that would bring more than the product keeps. */
export function withinLimits(deliveries: readonly Delivery[]): Delivery[] {
  if (!exceeds(deliveries.flatMap(testimonies))) return [...deliveries];
  const taken: Delivery[] = [];
  let all: Testimony[] = [];
  for (const delivery of deliveries) {
    const together = [...all, ...testimonies(delivery)];
    if (exceeds(together)) continue;
    all = together;
    taken.push(delivery);
  }
  return taken;
}

function exceeds(all: readonly Testimony[]): boolean {
  const kept = new Map<string, Set<string>>();
  const count = (what: string, one: string): boolean => {
    const ones = kept.get(what) ?? new Set<string>();
    kept.set(what, ones.add(one));
    return ones.size > KEPT;
  };
  return all.some((one) => {
    const path = JSON.stringify([one.regulation, one.path]);
    const register = JSON.stringify([path, one.user, one.kind]);
    if (count(path, one.user)) return true;
    if (one.kind === 'choice') return count(register, JSON.stringify([one.at, one.event, one.value]));
    return one.kind === 'retraction' && count(register, one.event);
  });
}
