import { type ConsentState, inForce, mergeStatements } from '../../consent/consent-state';
import type { Rules } from '../../consent/rules';
import type { Statement } from '../../consent/statement';
import { type Interpretation, interpret } from '../../didomi/interpret';
import { readMessage } from '../../didomi/message';
import type { Delivery } from '../oracle/delivery';
import type { Verdict } from '../oracle/verdict';
import { testRules } from '../support/rules';

/** What the product makes of one delivery. */
export function interpreted({ message, paths, receivedAt, regulations }: Delivery): Interpretation {
  return interpret(readMessage(message), rulesOf(paths, regulations), receivedAt);
}

export function rulesOf(paths: readonly string[], regulations: readonly string[] = ['gdpr', 'cpra']): Rules {
  return testRules({
    mappings: paths.map((path) => ({ id: path, value: path })),
    regulations,
    rememberMs: 7 * 86_400_000,
  });
}

export function statementsOf(delivery: Delivery): readonly Statement[] {
  const interpretation = interpreted(delivery);
  return interpretation.status === 'accepted' ? interpretation.change.statements : [];
}

export function merged(state: ConsentState, ...arrivals: readonly (readonly Statement[])[]): ConsentState {
  return arrivals.reduce((known, statements) => mergeStatements(known, statements), state);
}

/** What the product says is in force, in the form in which the oracle answers. */
export function inForceByProduct(state: ConsentState): Map<string, Verdict> {
  const paths = [...new Set(state.map(({ path }) => path))].sort();
  return new Map(
    paths.flatMap((path): [string, Verdict][] => {
      const found = inForce(state, path);
      if (!found || typeof found.value === 'number') return [];
      return [[path, { value: found.value, at: found.time }]];
    }),
  );
}
