import { type Delivery, isObject } from './delivery';
import { plainMessage } from './plain-message';
import { testimonies } from './testimony';
import { type Verdict, verdict } from './verdict';

/** Whose message it is: the organization_user_id, spaces around it and an e-mail's capitals aside. */
export function contactOf(delivery: Delivery): string | undefined {
  const { entity, type } = plainMessage(delivery.message);
  const person = type.startsWith('event.') ? entity.user : entity;
  const id = isObject(person) ? person.organization_user_id : undefined;
  const trimmed = typeof id === 'string' ? id.trim() : '';
  if (trimmed === '') return undefined;
  return trimmed.includes('@') ? trimmed.toLowerCase() : trimmed;
}

/**
 * What must be in force for each path, from all deliveries about one contact at once.
 *
 * A second implementation of the rules, slow and obvious: it keeps everything, knows no order of arrival and shares no
 * code with the product.
 */
export function inForceByOracle(deliveries: readonly Delivery[]): Map<string, Verdict> {
  const all = deliveries.flatMap(testimonies);
  const paths = [...new Set(all.map(({ path }) => path))].sort();
  return new Map(
    paths.flatMap((path): [string, Verdict][] => {
      const inForce = verdict(all.filter((one) => one.path === path));
      return inForce === undefined ? [] : [[path, inForce]];
    }),
  );
}
