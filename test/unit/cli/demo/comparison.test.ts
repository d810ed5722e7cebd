import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { differences } from '../../../../cli/demo/comparison';
import { type Simulator, startSimulator } from '../../../../simulator';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator();
  simulator.seedContact({
    email: 'ana@example.com',
    listIds: [7],
    attributes: { TOPICS: ['culture', 'sport'] },
  });
});
afterEach(() => simulator.close());

const ANA = {
  id: 'ana@example.com',
  emailBlacklisted: false,
  listIds: [7],
  attributes: { TOPICS: ['sport', 'culture'] },
};

describe('the comparison with what Brevo holds', () => {
  test('finds nothing where all is as it should be', () => {
    expect(differences([ANA], simulator.contacts())).toEqual([]);
    const nothingChosen = { ...ANA, attributes: { ...ANA.attributes, FREQUENCY: [] } };
    expect(differences([nothingChosen], simulator.contacts())).toEqual([]);
  });

  test.each([
    ['emailBlacklisted', { ...ANA, emailBlacklisted: true }],
    ['listIds', { ...ANA, listIds: [7, 12] }],
    ['TOPICS', { ...ANA, attributes: { TOPICS: ['sport'] } }],
    ['TOPICS', { ...ANA, attributes: {} }],
    ['OPT_EMAIL', { ...ANA, attributes: { ...ANA.attributes, OPT_EMAIL: false } }],
  ])('finds another %s', (what, expected) => {
    expect(differences([expected], simulator.contacts())).toEqual([
      expect.objectContaining({ what, contact: ANA.id }),
    ]);
  });

  test('finds contacts that are missing, and such that should not be there', () => {
    expect(differences([{ ...ANA, id: 'ben@example.com' }], simulator.contacts())).toEqual([
      { contact: 'ben@example.com', what: 'contact', expected: 'exists', actual: 'missing' },
      { contact: 'ana@example.com', what: 'contact', expected: 'missing', actual: 'exists' },
    ]);
  });
});
