import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BrevoAccounts } from '../../../brevo/accounts';
import { BrevoUnavailableError } from '../../../brevo/errors';
import { BLACKLIST_FLAG } from '../../../consent/rules';
import type { BrevoLine } from '../../../resync/brevo-line';
import { type PagesInput, type PagesPosition, readPages } from '../../../resync/brevo-pages';
import { BUCKETS, Buckets } from '../../../resync/buckets';
import { type Simulator, startSimulator } from '../../../simulator';
import { testRules } from '../../support/rules';
import { temporaryFolders } from '../../support/temporary-folder';
import { errorOf, StubBrevo } from '../brevo/stub-brevo';

const KEY = 'xkeysib-pages';
const RULES = testRules({
  mappings: [
    { id: 'OPT_EMAIL', value: 'consents_purposes_news_enabled' },
    { id: BLACKLIST_FLAG, value: 'consents_purposes_mail_enabled' },
  ],
  rememberMs: 1,
});

const temporaryFolder = temporaryFolders();
let simulator: Simulator;
let accounts: BrevoAccounts;
let buckets: Buckets<BrevoLine>;

beforeEach(async () => {
  simulator = await startSimulator({ requestsPerSecond: 0, otherRequestsPerHour: 0 });
  accounts = new BrevoAccounts({ baseUrl: simulator.url, requestsPerSecond: 1_000 });
  buckets = new Buckets(await temporaryFolder());
});
afterEach(async () => {
  accounts.close();
  await simulator.close();
});

function fill(count: number): void {
  for (let id = 1; id <= count; id += 1) {
    simulator.seedContact({
      email: `P${id}@example.com`,
      ext_id: `user-${id}`,
      emailBlacklisted: id % 2 === 0,
      attributes: { OPT_EMAIL: id % 3 === 0, FIRSTNAME: 'Ada' },
    });
  }
}

async function remove(from: number, to: number): Promise<void> {
  for (let id = from; id <= to; id += 1) {
    const url = `${simulator.url}/contacts/${id}?identifierType=contact_id`;
    expect((await fetch(url, { method: 'DELETE', headers: { 'api-key': KEY } })).status).toBe(204);
  }
}

const read = (input: Partial<PagesInput> = {}) =>
  readPages({ account: accounts.of(KEY), rules: RULES, buckets, ...input });

async function lines(): Promise<BrevoLine[]> {
  const found: BrevoLine[] = [];
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    for await (const line of buckets.read(bucket)) found.push(line);
  }
  return found;
}

async function idsRead(): Promise<Set<number | undefined>> {
  return new Set((await lines()).map(({ contact }) => contact?.id));
}

const pagesAsked = () => simulator.calls().filter(({ path }) => path === '/contacts').length;

describe('reading all contacts', () => {
  it('finds each under its e-mail address and its ext_id, with what is mapped and nothing else', async () => {
    fill(1_500);
    const result = await read();
    expect(result).toMatchObject({ contacts: 1_500, complete: true });
    expect(new Set(result.kinds)).toEqual(new Set(['email', 'ext_id']));
    expect(pagesAsked()).toBe(2);
    const sixth = (await lines()).filter(({ contact }) => contact?.id === 6);
    expect(sixth.map(({ identifier }) => identifier)).toEqual(
      expect.arrayContaining([
        { kind: 'email', value: 'p6@example.com' },
        { kind: 'ext_id', value: 'user-6' },
      ]),
    );
    for (const { contact } of sixth) {
      expect(contact).toEqual({
        id: 6,
        emailBlacklisted: true,
        attributes: { OPT_EMAIL: true },
        createdAt: expect.any(Number),
      });
    }
  });

  it('of an empty account takes one call', async () => {
    expect(await read()).toMatchObject({ contacts: 0, complete: true, kinds: [] });
    expect(pagesAsked()).toBe(1);
  });

  it.each([
    ['a few', 1, 5],
    ['more than the pages overlap', 100, 400],
    ['all of the page before', 1, 1_000],
    ['more than a page', 700, 2_100],
  ])('misses nobody when %s are deleted between two pages', async (_what, first, last) => {
    fill(3_500);
    let pages = 0;
    const result = await read({
      onPage: async () => {
        pages += 1;
        if (pages === 2) await remove(first, last);
      },
    });
    const found = await idsRead();
    const missed = simulator.contacts().filter(({ id }) => !found.has(id));
    expect(missed).toEqual([]);
    expect(result.complete).toBe(true);
  });

  it('finds who was created meanwhile', async () => {
    fill(1_200);
    let isFirst = true;
    await read({
      onPage: () => {
        if (isFirst) simulator.seedContact({ email: 'late@example.com' });
        isFirst = false;
      },
    });
    expect((await idsRead()).size).toBe(1_201);
  });

  it('goes on after a failure where it was, without reading the pages before again', async () => {
    fill(4_000);
    let position: PagesPosition | undefined;
    const onPage = (reached: PagesPosition) => {
      position = JSON.parse(JSON.stringify(reached));
      if (reached.next > 1_500) simulator.setFaults({ kind: 'status', status: 503 });
    };
    expect(await errorOf(read({ onPage }))).toBeInstanceOf(BrevoUnavailableError);
    simulator.setFaults();
    simulator.clearCalls();
    // A crash may leave lines of a page whose position was never told.
    await buckets.add(0, { identifier: { kind: 'email', value: 'x' }, contact: null, seenAt: 1 });
    await buckets.flush();
    expect(await read({ from: position })).toMatchObject({ contacts: 4_000, complete: true });
    expect(pagesAsked()).toBe(3);
    expect((await idsRead()).size).toBe(4_000);
    expect((await lines()).filter(({ contact }) => contact === null)).toEqual([]);
  });

  it('tells that no ext_id was found where Brevo does not show them', async () => {
    simulator.setSwitches({ extIdInAttributes: 'hidden' });
    fill(3);
    expect((await read()).kinds).toEqual(['email']);
  });

  it('is not complete where Brevo counts more than it shows', async () => {
    const stub = await StubBrevo.start();
    const others = new BrevoAccounts({ baseUrl: stub.baseUrl, requestsPerSecond: 1_000 });
    const contact = (id: number) => ({
      id,
      email: `${id}@example.com`,
      emailBlacklisted: false,
      attributes: {},
    });
    stub.handler = ({ url }) => {
      if (url.includes('/attributes')) return { body: { attributes: [] } };
      const offset = Number(new URL(url, 'http://brevo').searchParams.get('offset'));
      const ids = Array.from({ length: 15 }, (_, index) => index + 1).slice(offset);
      return { body: { contacts: ids.map(contact), count: 20 } };
    };
    try {
      const result = await read({ account: others.of(KEY) });
      expect(result).toMatchObject({ contacts: 15, complete: false });
    } finally {
      others.close();
      await stub.close();
    }
  });

  it('waits for its turn behind everybody else', async () => {
    fill(1);
    const account = accounts.of(KEY);
    const priorities: unknown[] = [];
    const acquire = account.budget.acquire.bind(account.budget);
    account.budget.acquire = (options) => {
      if (options.call === 'GET /contacts') priorities.push(options.priority);
      return acquire(options);
    };
    await read({ account });
    expect(priorities).toEqual(['bulk']);
  });
});
