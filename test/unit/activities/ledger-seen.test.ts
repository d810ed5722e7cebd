import { describe, expect, it } from '@jest/globals';
import { requireLedgerSeen } from '../../../activities/ledger-seen';
import type { BrevoContact } from '../../../brevo/contact';

const WEEK_MS = 7 * 86_400_000;
const PERSON = { kind: 'contact_id', value: '7' } as const;

/** A write that was decided by the ledger `as seen`, so many ms ago, while Brevo now holds another text. */
async function looksBefore(ageMs: number, held: string | undefined, rememberMs = WEEK_MS) {
  let looks = 0;
  const contact = held === undefined ? null : contactWith(held);
  const client = {
    getContact: async () => {
      looks += 1;
      return contact;
    },
  };
  const write = {
    attributes: { LEDGER: 'ours', OPT_EMAIL: true },
    ledger: { attribute: 'LEDGER', seen: 'as seen', seenAt: Date.now() - ageMs },
  };
  await requireLedgerSeen(client, PERSON, write, rememberMs, () => ({ priority: 'live' }));
  return looks;
}

function contactWith(LEDGER: string): BrevoContact {
  return { id: 7, emailBlacklisted: false, attributes: { LEDGER }, unsubscriptions: [] };
}

describe('a write that was decided by the ledger of the contact', () => {
  it('needs no other look while that was seen a moment ago', async () => {
    expect(await looksBefore(20_000, 'theirs')).toBe(0);
  });

  it('is decided anew when it comes late, and another workflow has written to the ledger since', async () => {
    await expect(looksBefore(31_000, 'theirs')).rejects.toThrow("contact's ledger meanwhile");
  });

  it.each(['as seen', 'ours'])('goes on when it comes late, and the ledger is %j', async (held) => {
    expect(await looksBefore(31_000, held)).toBe(1);
  });

  it('is looked up again when the contact is gone', async () => {
    await expect(looksBefore(31_000, undefined)).rejects.toThrow('no such contact');
  });

  it('is late sooner where contacts are hardly remembered, since the others look again sooner', async () => {
    expect(await looksBefore(900, 'theirs', 2_000)).toBe(0);
    await expect(looksBefore(1_100, 'theirs', 2_000)).rejects.toThrow("contact's ledger meanwhile");
  });
});
