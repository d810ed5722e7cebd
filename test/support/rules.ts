import type { Rules } from '../../consent/rules';

/** Rules of an integration, of which a test says what matters to it. */
export function testRules(rules: Partial<Rules> & Pick<Rules, 'mappings'>): Rules {
  return {
    integration: 'default',
    upsertMode: true,
    identifier: 'auto',
    regulations: ['gdpr'],
    rememberMs: 1_000,
    resubscribe: 'newer',
    dryRun: false,
    ...rules,
  };
}
