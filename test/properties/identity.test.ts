import { describe, expect, it } from '@jest/globals';
import type { Delivery } from '../oracle/delivery';
import { forEverySeed } from '../oracle/for-every-seed';
import { consistentHistory } from '../oracle/histories';
import { withinLimits } from '../oracle/limits';
import { contactOf, inForceByOracle } from '../oracle/oracle';
import type { Random } from '../oracle/random';
import { SEED } from '../support/seed';
import { inForceByProduct, interpreted, merged, statementsOf } from './real-path';

const cases = Number(process.env.PROPERTY_CASES ?? 2_000);

const identifierOf = (delivery: Delivery): string | undefined => {
  const interpretation = interpreted(delivery);
  return interpretation.status === 'accepted' ? interpretation.identifier.value : undefined;
};

function checkContacts(deliveries: readonly Delivery[], random: Random): void {
  const arrivals = random.shuffled([...deliveries, ...random.some(deliveries, 0, 8)]);
  for (const contact of new Set(deliveries.map(contactOf))) {
    const own = arrivals.filter((delivery) => identifierOf(delivery) === contact);
    const expected = inForceByOracle(deliveries.filter((delivery) => contactOf(delivery) === contact));
    expect([...inForceByProduct(merged([], ...own.map(statementsOf)))]).toEqual([...expected]);
  }
}

describe(`while Didomi users get another organization_user_id, to and fro (seed ${SEED})`, () => {
  it('each contact has what was said under its own, however that is spelled, and nothing else', () => {
    forEverySeed(
      { seed: SEED, cases },
      (random) => withinLimits(consistentHistory(random, { acts: [4, 16], slots: 3, moves: true })),
      checkContacts,
    );
  });
});

describe('a Didomi user that gets another organization_user_id', () => {
  const user = (organizationUserId: string, updatedAt: string) => ({
    id: 'user-1',
    organization_user_id: organizationUserId,
    version: 2,
    updated_at: updatedAt,
    consents: { purposes: [{ id: 'newsletter', enabled: false }] },
  });
  const moved: Delivery = {
    message: {
      type: 'user.updated',
      regulation: 'gdpr',
      parameters: {
        old_entity: user('old@example.com', '2026-03-04T09:00:00Z'),
        new_entity: user('new@example.com', '2026-03-05T09:00:00Z'),
      },
    },
    receivedAt: Date.parse('2026-03-05T09:00:01Z'),
    paths: ['consents_purposes_newsletter_enabled'],
    regulations: ['gdpr'],
  };

  it('brings its values to the contact of the new one, of unknown time, and says nothing to the old one', () => {
    expect(interpreted(moved)).toMatchObject({
      status: 'accepted',
      identifier: { kind: 'email', value: 'new@example.com' },
    });
    expect([...inForceByProduct(merged([], statementsOf(moved)))]).toEqual([
      ['consents_purposes_newsletter_enabled', { value: false, at: undefined }],
    ]);
  });
});
