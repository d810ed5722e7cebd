import { describe, expect, it } from '@jest/globals';
import type { Contact } from '../../../consent/contact';
import type { Differing } from '../../../resync/differing';
import { type Known, type Reread, upToDate } from '../../../resync/freshness';

const LASTS_MS = 60_000;
const LONG_AGO = Date.now() - 10 * LASTS_MS;

function contactOf(id: number, holds = true): Contact {
  return { id, emailBlacklisted: false, attributes: { NEWS: holds } };
}

function differing(id: number, seenAt: number | undefined, isThere = true): Differing {
  const found = seenAt !== undefined && { found: { contact: isThere ? contactOf(id) : null, seenAt } };
  return { identifier: { kind: 'ext_id', value: `p${id}` }, statements: [], ...found };
}

async function* lines(contacts: readonly Differing[]) {
  for (const [index, value] of contacts.entries()) yield { value, start: 0, end: index + 1 };
}

/** Everybody holds something else by now. */
function answering(
  calls: Known[][],
  found = (id: number): Contact | undefined => contactOf(id, false),
): Reread {
  return async (contacts) => {
    calls.push([...contacts]);
    return contacts.map((one) => {
      const contact = found(one.found.contact.id);
      return contact && { contact, seenAt: Date.now() };
    });
  };
}

async function passed(contacts: readonly Differing[], reread: Reread): Promise<Differing[]> {
  const result: Differing[] = [];
  for await (const { value, end } of upToDate(lines(contacts), reread, LASTS_MS)) {
    result.push(value);
    expect(end).toBe(result.length);
  }
  return result;
}

const some = (count: number, seenAt: number | undefined) =>
  Array.from({ length: count }, (_, index) => differing(index + 1, seenAt));

describe('what was read of Brevo, as it is submitted', () => {
  it('is read again when it is old, twenty contacts a call', async () => {
    const calls: Known[][] = [];
    const result = await passed(some(50, LONG_AGO), answering(calls));
    expect(calls.map(({ length }) => length)).toEqual([20, 20, 10]);
    expect(result.map(({ found }) => found?.contact)).toEqual(
      some(50, 0).map((_, index) => contactOf(index + 1, false)),
    );
  });

  it('stays as it is while it is young', async () => {
    const calls: Known[][] = [];
    const contacts = some(50, Date.now());
    expect(await passed(contacts, answering(calls))).toEqual(contacts);
    expect(calls).toEqual([]);
  });

  it('is left to the workflow where it is no longer sure', async () => {
    const result = await passed(
      some(2, LONG_AGO),
      answering([], (id) => (id === 1 ? undefined : contactOf(id))),
    );
    expect(result.map(({ found }) => found?.contact?.id)).toEqual([undefined, 2]);
  });

  it('is not asked for again where there was no contact, or nothing is known', async () => {
    const calls: Known[][] = [];
    const contacts = [differing(1, LONG_AGO, false), differing(2, undefined), differing(3, LONG_AGO)];
    const [nobody, unknown, found] = await passed(contacts, answering(calls));
    expect([nobody, unknown]).toEqual(contacts.slice(0, 2));
    expect(found?.found?.contact).toEqual(contactOf(3, false));
    expect(calls.flat().map(({ identifier }) => identifier.value)).toEqual(['p3']);
  });

  it('passes as it is when Brevo cannot be asked, which is not tried for each contact', async () => {
    let asked = 0;
    const contacts = some(50, LONG_AGO);
    const result = await passed(contacts, async () => {
      asked += 1;
      return null;
    });
    expect(result).toEqual(contacts);
    expect(asked).toBe(1);
  });

  it('is read again and again where contacts are submitted slowly', async () => {
    const calls: Known[][] = [];
    const old: Reread = async (contacts) => {
      const answer = await answering(calls)(contacts);
      return (answer ?? []).map((found) => found && { ...found, seenAt: LONG_AGO });
    };
    await passed(some(3, LONG_AGO), old);
    expect(calls.map(({ length }) => length)).toEqual([3, 2, 1]);
  });
});
