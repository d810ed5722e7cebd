import { describe, expect, it } from '@jest/globals';
import { RateBudget } from '../../../brevo/budget';
import { BrevoRateLimitedError, BrevoUnavailableError } from '../../../brevo/errors';
import { sharedStub } from './shared-stub';
import { contactBody, errorOf } from './stub-brevo';

const stub = sharedStub();

const page = (attributes: readonly string[] = []) =>
  stub().client().pageOfContacts({ limit: 1000, offset: 2970, attributes });

describe('a page of contacts', () => {
  it('is asked for by creation, the earliest first', async () => {
    stub().answer({ body: { contacts: [], count: 2970 } });
    expect(await page()).toEqual({ contacts: [], count: 2970 });
    expect(stub().requests.map(({ url }) => url)).toEqual(['/v3/contacts?limit=1000&offset=2970&sort=asc']);
  });

  it('keeps of a contact what names it, and the attributes that were asked for', async () => {
    const attributes = { FIRSTNAME: 'Ada', EXT_ID: 'user-88', SMS: '33612345678', OPT_EMAIL: false };
    stub().answer({ body: { contacts: [contactBody({ attributes, statistics: undefined })], count: 1 } });
    const [contact] = (await page(['OPT_EMAIL', 'TOPICS'])).contacts;
    expect({ ...contact, attributes: { ...contact?.attributes } }).toEqual({
      id: 4711,
      email: 'ada@example.com',
      extId: 'user-88',
      phone: '33612345678',
      emailBlacklisted: false,
      attributes: { OPT_EMAIL: false },
      createdAt: new Date('2026-03-02T08:14:07.120Z'),
      modifiedAt: new Date('2026-10-30T17:02:55.004Z'),
    });
  });

  it('takes contacts without e-mail address, and empty attributes as PHP writes them', async () => {
    const sparse = { id: 1, emailBlacklisted: true, attributes: [], email: null };
    stub().answer({ body: { contacts: [sparse], count: 1 } });
    expect((await page(['OPT_EMAIL'])).contacts).toMatchObject([{ id: 1, emailBlacklisted: true }]);
  });

  it.each([
    [{}],
    [{ contacts: [] }],
    [{ contacts: [contactBody({ emailBlacklisted: 'no' })], count: 1 }],
    ['<html>'],
  ])('that is none is no empty page: %j', async (body) => {
    stub().answer({ body });
    const error = await errorOf(page());
    expect(error).toBeInstanceOf(BrevoUnavailableError);
    expect((error as Error).message).not.toContain('ada@example.com');
  });

  it("teaches the account's budget", async () => {
    stub().answer({
      body: { contacts: [], count: 0 },
      headers: {
        'x-sib-ratelimit-limit': '10',
        'x-sib-ratelimit-remaining': '0',
        'x-sib-ratelimit-reset': '9',
      },
    });
    const client = stub().client({ budget: new RateBudget({ requestsPerSecond: 1_000 }) });
    const query = { limit: 1000, offset: 0, attributes: [] };
    await client.pageOfContacts(query);
    expect(await errorOf(client.pageOfContacts(query, { maxWaitMs: 10 }))).toBeInstanceOf(
      BrevoRateLimitedError,
    );
  });
});
