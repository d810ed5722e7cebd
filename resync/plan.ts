import { DRIFT_SIDES, type DriftSide, type PlanSample } from '../workflows/resync/contract';
import { type Comparison, VERDICTS } from './compare';
import { reasonIn } from './report';

export const CATEGORIES = [
  ...VERDICTS,
  'blacklist',
  'unblacklist',
  'partlyGuarded',
  'partlyRejected',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Plain JSON, so that it can be kept and gone on with. */
export interface Plan {
  /** The verdicts add up to them. */
  readonly contacts: number;
  readonly totals: Readonly<Record<Category, number>>;
  /** A few of each category, no two alike. */
  readonly samples: Readonly<Record<Category, readonly PlanSample[]>>;
  /** Of the contacts that are submitted. */
  readonly sides: Readonly<Record<DriftSide, number>>;
  /** Calls to Brevo that carrying it out takes at most. */
  readonly calls: number;
}

const SAMPLES = 5;

export const EMPTY_PLAN: Plan = {
  contacts: 0,
  totals: forEach(CATEGORIES, () => 0),
  samples: forEach(CATEGORIES, () => []),
  sides: forEach(DRIFT_SIDES, () => 0),
  calls: 0,
};

/** One more contact of a plan. */
export interface Planned {
  readonly comparison: Comparison;
  /** Absent: it is no example of anything. */
  readonly contactKey?: string;
  /** Only of a contact that is submitted. */
  readonly side?: DriftSide;
}

/** The plan with one more contact in it. */
export function withComparison(plan: Plan, { comparison, contactKey, side }: Planned): Plan {
  const categories = categoriesOf(comparison);
  const totals = { ...plan.totals };
  for (const category of categories) totals[category] += 1;
  return {
    contacts: plan.contacts + 1,
    totals,
    samples:
      contactKey === undefined
        ? plan.samples
        : withSample(plan.samples, categories, sampleOf(comparison, contactKey)),
    sides: side ? { ...plan.sides, [side]: plan.sides[side] + 1 } : plan.sides,
    calls: plan.calls + comparison.calls,
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

function sampleOf(comparison: Comparison, contactKey: string): PlanSample {
  const reason = reasonIn(comparison);
  return { contactKey, changes: comparison.changes, ...(reason !== undefined && { reason }) };
}

function withSample(
  samples: Plan['samples'],
  categories: readonly Category[],
  sample: PlanSample,
): Plan['samples'] {
  const wanting = categories.filter((category) => samples[category].length < SAMPLES);
  if (wanting.length === 0) return samples;
  const kind = kindOf(sample);
  const result = { ...samples };
  for (const category of wanting) {
    if (samples[category].some((other) => kindOf(other) === kind)) continue;
    result[category] = [...samples[category], sample];
  }
  return result;
}

function kindOf({ contactKey: _, ...kind }: PlanSample): string {
  return JSON.stringify(kind);
}

function forEach<Name extends string, T>(names: readonly Name[], make: () => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, T>;
}
