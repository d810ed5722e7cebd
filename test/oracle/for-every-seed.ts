import { Random } from './random';

/**
 * Checks as many generated cases, each from a seed of its own. A case that fails is made as small as it goes by
 * leaving parts out, and told with its seed.
 */
export function forEverySeed<Part>(
  { seed, cases }: { readonly seed: number; readonly cases: number },
  generate: (random: Random) => readonly Part[],
  check: (parts: readonly Part[], random: Random) => void,
): void {
  for (let one = seed; one < seed + cases; one += 1) {
    const fails = (parts: readonly Part[]): unknown => {
      try {
        // What else the check draws is the same however much is left out.
        check(parts, new Random(one ^ 0x5eed));
        return undefined;
      } catch (error) {
        return error;
      }
    };
    const parts = generate(new Random(one));
    if (fails(parts) === undefined) continue;
    const smallest = shrunk(parts, (fewer) => fails(fewer) !== undefined);
    const error = fails(smallest);
    throw new Error(
      `seed ${one}: ${error instanceof Error ? error.message : String(error)}\n${JSON.stringify(smallest, null, 1)}`,
      { cause: error },
    );
  }
}

function shrunk<Part>(parts: readonly Part[], fails: (parts: readonly Part[]) => boolean): readonly Part[] {
  const fewer = parts.map((_, left) => parts.filter((_part, index) => index !== left)).find(fails);
  return fewer === undefined ? parts : shrunk(fewer, fails);
}
