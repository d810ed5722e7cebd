import type { Delivery } from './delivery';
import { testimonies } from './testimony';
import { type Verdict, verdict } from './verdict';

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
