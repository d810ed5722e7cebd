import { expect, it } from '@jest/globals';
import { ContactRecord } from '../../../workflows/contact-record';
import { newContactState } from '../../../workflows/contact-state';

it('carries on what a later version has added to the state, as a contact may go back to this one', () => {
  const state = { ...newContactState(), ofALaterVersion: 'kept' };
  const record = new ContactRecord(state);
  const choice = { value: false, at: 100, known: 100, eventId: 'e1' };
  record.receive(
    {
      eventId: 'e1',
      eventKey: 'e1',
      type: 'event.created',
      receivedAt: 0,
      rulesVersion: 'v1',
      statements: [{ regulation: 'gdpr', user: 'u1', path: 'p', choice }],
    },
    1_000,
  );
  const round = record.inbox.begin();
  record.settle(round, { outcome: 'updated', refused: [] }, 2_000);
  expect(record.state).toMatchObject({ ofALaterVersion: 'kept', latest: 'updated', lastEventAt: 1_000 });
});
