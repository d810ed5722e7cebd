import { describe, expect, it } from '@jest/globals';
import { clearBlacklist } from '../../../activities/clear-blacklist';
import type { BrevoClient } from '../../../brevo/client';

const OPT_IN_AT = 1_700_000_000;
const TERMS = { optInAt: OPT_IN_AT, unconditional: false, own: [] };

/** A contact on the blacklist whose ledger holds this text; writes are kept for the test to see. */
function brevoWithLedger(LEDGER: string) {
  const writes: unknown[] = [];
  let contact = { id: 7, emailBlacklisted: true, attributes: { LEDGER }, unsubscriptions: [] };
  const client: Pick<BrevoClient, 'getContact' | 'updateContact'> = {
    getContact: async () => contact,
    updateContact: async (_, change) => {
      writes.push(change);
      contact = { ...contact, emailBlacklisted: change.emailBlacklisted ?? contact.emailBlacklisted };
    },
  };
  return { client: client as BrevoClient, writes };
}

function clearing(client: BrevoClient, seen: string, forgottenAt?: number) {
  const input = {
    attributes: { LEDGER: 'ours' },
    terms: TERMS,
    dryRun: false,
    ledger: { attribute: 'LEDGER', seen },
  };
  const context = {
    mayHaveCleared: false,
    options: () => ({ priority: 'live' as const }),
    forgottenSince: async () => forgottenAt,
  };
  return clearBlacklist(client, { kind: 'contact_id', value: '7' }, input, context);
}

describe('a contact whose ledger another workflow wrote since it was decided to clear the blacklist', () => {
  it('stays on the blacklist until it is decided anew', async () => {
    const { client, writes } = brevoWithLedger('theirs');
    await expect(clearing(client, 'as seen')).rejects.toThrow("contact's ledger meanwhile");
    expect(writes).toEqual([]);
  });

  it.each(['as seen', 'ours'])('is taken off when the ledger is %j', async (held) => {
    const { client, writes } = brevoWithLedger(held);
    await expect(clearing(client, 'as seen')).resolves.toEqual({ result: 'cleared' });
    expect(writes).toEqual([{ attributes: { LEDGER: 'ours' }, emailBlacklisted: false }]);
  });
});

describe('a contact that was forgotten here', () => {
  it('is not taken off the blacklist by an opt-in from before: it may be older than a withdrawal', async () => {
    const { client, writes } = brevoWithLedger('as seen');
    const forgottenAt = (OPT_IN_AT + 60) * 1_000;
    await expect(clearing(client, 'as seen', forgottenAt)).resolves.toEqual({
      result: 'guarded',
      unsubscribedAt: OPT_IN_AT + 60,
    });
    expect(writes).toEqual([{ attributes: { LEDGER: 'ours' } }]);
  });

  it('is taken off by one from afterwards: the person has come back', async () => {
    const { client } = brevoWithLedger('as seen');
    await expect(clearing(client, 'as seen', (OPT_IN_AT - 60) * 1_000)).resolves.toEqual({
      result: 'cleared',
    });
  });
});

it('a clearing that is called off after its write still looks for what slipped in between', async () => {
  const calledOff = new AbortController();
  let contact = {
    id: 7,
    emailBlacklisted: true,
    attributes: {},
    unsubscriptions: [] as { by: 'user'; at: number }[],
  };
  const refuseIf = (signal: AbortSignal | undefined) => signal?.throwIfAborted();
  const client: Pick<BrevoClient, 'getContact' | 'updateContact'> = {
    getContact: async (_, options) => {
      refuseIf(options?.signal);
      return contact;
    },
    updateContact: async (_, { emailBlacklisted }, options) => {
      refuseIf(options?.signal);
      contact = { ...contact, emailBlacklisted: emailBlacklisted ?? contact.emailBlacklisted };
      if (emailBlacklisted === false) {
        contact = { ...contact, unsubscriptions: [{ by: 'user', at: Date.now() }] };
        calledOff.abort();
      }
    },
  };
  const context = {
    mayHaveCleared: false,
    options: () => ({ priority: 'live' as const, signal: calledOff.signal }),
  };
  const input = { attributes: {}, terms: TERMS, dryRun: false };
  const clearing = await clearBlacklist(
    client as BrevoClient,
    { kind: 'contact_id', value: '7' },
    input,
    context,
  );
  expect(clearing.result).toBe('guarded');
  expect(contact.emailBlacklisted).toBe(true);
});
