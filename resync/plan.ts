import { type Comparison, VERDICTS } from './compare';

export const CATEGORIES = [
  ...VERDICTS,
  'blacklist',
  'unblacklist',
  'partlyGuarded',
  'partlyRejected',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** What is told of an example: no identifier, and no value of the contact. */
export type Sample = Omit<Comparison, 'state' | 'calls'>;

/** Plain JSON, so that it can be kept and gone on with. */
export interface Plan {
  /** The verdicts add up to them. */
  readonly contacts: number;
  readonly totals: Readonly<Record<Category, number>>;
  /** A few of each category, no two alike. */
  readonly samples: Readonly<Record<Category, readonly Sample[]>>;
  /** Calls to Brevo that carrying it out takes at most. */
  readonly calls: number;
}

const SAMPLES = 5;

export const EMPTY_PLAN: Plan = {
  contacts: 0,
  totals: forEachCategory(() => 0),
  samples: forEachCategory(() => []),
  calls: 0,
};

/** The plan with one more contact in it. */
export function withComparison(plan: Plan, comparison: Comparison): Plan {
  const categories = categoriesOf(comparison);
  const { state: _, calls, ...sample } = comparison;
  const totals = { ...plan.totals };
  for (const category of categories) totals[category] += 1;
  return {
    contacts: plan.contacts + 1,
    totals,
    samples: withSample(plan.samples, categories, sample),
    calls: plan.calls + calls,
  };
}

/** How long carrying it out takes in s, when nobody else uses the account. */
export function secondsFor({ calls }: Plan, requestsPerSecond: number): number {
  return Math.ceil(calls / requestsPerSecond);
}

function categoriesOf({ verdict, blacklist, guarded, refused }: Comparison): Category[] {
  return [
    verdict,
    ...(blacklist === 'on' ? (['blacklist'] as const) : []),
    ...(blacklist === 'off' ? (['unblacklist'] as const) : []),
    ...(guarded !== undefined && verdict !== 'guarded' ? (['partlyGuarded'] as const) : []),
    ...(refused.length > 0 && verdict !== 'rejected' ? (['partlyRejected'] as const) : []),
  ];
}

function withSample(
  samples: Plan['samples'],
  categories: readonly Category[],
  sample: Sample,
): Plan['samples'] {
  const wanting = categories.filter((category) => samples[category].length < SAMPLES);
  if (wanting.length === 0) return samples;
  const text = JSON.stringify(sample);
  const result = { ...samples };
  for (const category of wanting) {
    const isNew = samples[category].every((other) => JSON.stringify(other) !== text);
    if (isNew) result[category] = [...samples[category], sample];
  }
  return result;
}

function forEachCategory<T>(make: () => T): Record<Category, T> {
  return Object.fromEntries(CATEGORIES.map((category) => [category, make()])) as Record<Category, T>;
}
