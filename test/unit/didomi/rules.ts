import type { Rules } from '../../../consent/rules';

/** Noon of a day after all that the documented messages tell of, in ms. */
export const NOW = Date.parse('2026-06-01T12:00:00Z');

/** An integration that maps these Didomi paths. */
export function rulesFor(paths: readonly string[], rest: Partial<Rules> = {}): Rules {
  return {
    integration: 'default',
    upsertMode: true,
    mappings: paths.map((value, index) => ({ id: `ATTRIBUTE_${index}`, value })),
    identifier: 'auto',
    regulations: ['gdpr'],
    rememberMs: 1_000,
    resubscribe: 'newer',
    dryRun: false,
    ...rest,
  };
}
