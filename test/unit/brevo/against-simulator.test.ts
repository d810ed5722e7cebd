import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BrevoAccounts } from '../../../brevo/accounts';
import type { BrevoClient } from '../../../brevo/client';
import {
  BrevoDuplicateError,
  BrevoHeldError,
  BrevoNotFoundError,
  BrevoRateLimitedError,
  BrevoUnavailableError,
} from '../../../brevo/errors';
import { type BrevoValue, convert, holds } from '../../../consent/attribute';
import type { Identifier } from '../../../consent/identifier';
import type { ConsentValue } from '../../../consent/statement';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../simulator';
import { API_KEY, errorOf } from './stub-brevo';

const ADA: Identifier = { kind: 'email', value: 'ada@example.com' };
const DAY_MS = 86_400_000;

let simulator: Simulator;
let accounts: BrevoAccounts;
let client: BrevoClient;

async function start(options: SimulatorOptions = {}, requestsPerSecond = 1_000): Promise<void> {
  simulator = await startSimulator({
    requestsPerSecond: 0,
    otherRequestsPerHour: 0,
    apiKey: API_KEY,
    ...options,
  });
  accounts = new BrevoAccounts({ baseUrl: simulator.url, requestsPerSecond });
  client = accounts.of(API_KEY).client;
}

beforeEach(() => start());
afterEach(async () => {
  accounts.close();
  await simulator.close();
});

async function restart(options: SimulatorOptions, requestsPerSecond: number): Promise<void> {
  accounts.close();
  await simulator.close();
  await start(options, requestsPerSecond);
}

describe('a contact', () => {
  it.each<Identifier>([
    { kind: 'email', value: 'a+b@example.com' },
    { kind: 'email', value: "o'hara.%41&x=y@example.com" },
    { kind: 'ext_id', value: 'x/y?z#ä 用户🙂' },
    { kind: 'ext_id', value: '100% +1' },
    { kind: 'ext_id', value: '000123456' },
    { kind: 'ext_id', value: 'ada@example.com' },
    { kind: 'phone', value: '33612345678' },
  ])('is created, found and changed under the one identifier that it was given: %j', async (identifier) => {
    expect(await client.getContact(identifier)).toBeNull();
    const { id } = await client.createContact({ identifier, attributes: { OPT_EMAIL: true }, listIds: [7] });
    await client.updateContact(identifier, { attributes: { OPT_EMAIL: false } });
    expect(await client.getContact(identifier)).toMatchObject({ id, attributes: { OPT_EMAIL: false } });
    expect(await client.getContact({ kind: 'contact_id', value: String(id) })).toMatchObject({ id });
    expect(simulator.contacts()).toMatchObject([{ id, listIds: [7] }]);
  });

  it('is put on the blacklist and taken off it', async () => {
    await client.createContact({ identifier: ADA, emailBlacklisted: true });
    expect((await client.getContact(ADA))?.emailBlacklisted).toBe(true);
    await client.updateContact(ADA, { emailBlacklisted: false });
    expect(simulator.contact({ email: ADA.value })?.emailBlacklisted).toBe(false);
  });

  it('keeps its flag and its lists when only attributes change', async () => {
    simulator.seedContact({ email: ADA.value, emailBlacklisted: true, listIds: [12] });
    await client.updateContact(ADA, { attributes: { OPT_EMAIL: true } });
    expect(simulator.contact({ email: ADA.value })).toMatchObject({ emailBlacklisted: true, listIds: [12] });
  });

  it.each([
    [{ duplicateCode: 'invalid_parameter', duplicateWording: 'metadata' }, ['email']],
    [
      { duplicateCode: 'duplicate_parameter', duplicateWording: 'metadata', duplicateNames: 'upper_case' },
      ['email'],
    ],
    [{ duplicateWording: 'already_exist' }, []],
  ] as const)(
    'that exists is not created again, in all spellings of that error (%j)',
    async (switches, identifiers) => {
      simulator.setSwitches(switches);
      simulator.seedContact({ email: ADA.value, attributes: { OPT_EMAIL: false } });
      const failure = await errorOf(
        client.createContact({ identifier: ADA, attributes: { OPT_EMAIL: true } }),
      );
      expect(failure).toBeInstanceOf(BrevoDuplicateError);
      expect(failure).toMatchObject({ identifiers, requestId: simulator.calls().at(-1)?.requestId });
      expect(simulator.contact({ email: ADA.value })?.attributes).toMatchObject({ OPT_EMAIL: false });
    },
  );

  it('that is unknown is not created by a change', async () => {
    expect(await errorOf(client.updateContact(ADA, { emailBlacklisted: true }))).toBeInstanceOf(
      BrevoNotFoundError,
    );
    expect(simulator.contacts()).toEqual([]);
  });

  it('shows its unsubscriptions and complaints since a choice, however old', async () => {
    simulator.seedContact({ email: ADA.value });
    const at = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
    simulator.unsubscribe({ email: ADA.value, at: at(200) });
    simulator.unsubscribe({ email: ADA.value, at: at(120), kind: 'complaint' });
    simulator.unsubscribe({ email: ADA.value, at: at(0), kind: 'adminUnsubscription' });
    const since = (days: number) =>
      client.getContact(ADA, { statisticsSince: new Date(Date.now() - days * DAY_MS) });
    expect(await since(10)).toMatchObject({ unsubscriptions: [{ by: 'admin', at: expect.any(Number) }] });
    const all = await since(201);
    const told = all?.unsubscriptions.map(
      (one) => `${one.by} ${new Date(one.at ?? 0).toISOString().slice(0, 13)}`,
    );
    expect(new Set(told)).toEqual(
      new Set([
        `user ${at(200).slice(0, 13)}`,
        `complaint ${at(120).slice(0, 13)}`,
        `admin ${at(0).slice(0, 13)}`,
      ]),
    );
  });
});

describe('a value', () => {
  it.each<[string, ConsentValue]>([
    ['OPT_EMAIL', 'false'],
    ['OPT_EMAIL', true],
    ['FIRSTNAME', 'Ada'],
    ['FIRSTNAME', ''],
    ['SCORE', '4.5'],
    ['SCORE', false],
    ['CONSENT_DATE', '2026-11-05T10:00:00Z'],
    ['FREQUENCY', 'Weekly'],
    ['FREQUENCY', ''],
    ['TOPICS', 'culture,sport,cinema'],
    ['TOPICS', ''],
  ])('is kept by Brevo when it was converted to the type of the attribute: %s %j', async (name, value) => {
    for (const categoryValue of ['label', 'id', 'number'] as const) {
      simulator.setSwitches({ categoryValue });
      const entry = (await accounts.of(API_KEY).attributes.lookUp([name])).get(name);
      if (entry === undefined) throw new Error(`${name} was not looked up`);
      const conversion = convert(value, entry.type);
      const write: BrevoValue = 'write' in conversion ? conversion.write : '';
      expect(conversion).toHaveProperty('write');
      await client.createContact({ identifier: ADA }).catch(() => undefined);
      await client.updateContact(ADA, { attributes: { [entry.name]: write } });
      expect(holds((await client.getContact(ADA))?.attributes[name], write, entry.type)).toBe(true);
    }
  });

  it('has a type for each of the attributes that Brevo can have', async () => {
    const { attributes } = accounts.of(API_KEY);
    const names = [
      'EMAIL',
      'ORDER_COUNT',
      'BLACKLISTED',
      'ORDER_ID',
      'ACCOUNT_MANAGER',
      'CIVILITY',
      'NO_SUCH',
    ];
    const kinds = [...(await attributes.lookUp(names)).values()].map(({ type }) => type.kind);
    expect(kinds.slice(1)).toEqual([
      'unwritable',
      'unwritable',
      'unwritable',
      'unwritable',
      'category',
      'missing',
    ]);
  });
});

describe('the account', () => {
  it('is recognised by its key', async () => {
    expect(await client.getAccount()).toMatchObject({ companyName: 'Acme' });
    expect(await client.getList(7)).toEqual({ id: 7, name: 'Newsletter' });
    expect(await client.getList(99)).toBeNull();
    expect(await errorOf(accounts.of('xkeysib-other').client.getAccount())).toMatchObject({
      name: 'BrevoHeldError',
      reason: 'key',
    });
  });

  it('that blocks our IP address is held for that, and is not called again meanwhile', async () => {
    simulator.setFaults({ kind: 'ipBlocked' });
    expect(await errorOf(client.getContact(ADA))).toMatchObject({ name: 'BrevoHeldError', reason: 'ip' });
    simulator.clearCalls();
    expect(await errorOf(client.getContact(ADA))).toBeInstanceOf(BrevoHeldError);
    expect(simulator.calls()).toEqual([]);
  });
});

describe('what Brevo did with a write whose answer is lost', () => {
  it.each([
    ['the connection breaks', { kind: 'dropAfterCommit' }],
    ['a gateway answers instead', { kind: 'status', status: 504, afterCommit: true }],
    ['Cloudflare answers instead', { kind: 'status', status: 524, afterCommit: true }],
  ] as const)('is left open when %s, and the same change can be sent again', async (_, fault) => {
    simulator.seedContact({ email: ADA.value });
    simulator.setFaults({ ...fault, times: 1 });
    const change = () => client.updateContact(ADA, { emailBlacklisted: true });
    expect(await errorOf(change())).toMatchObject({ name: 'BrevoUnavailableError', mayHaveHappened: true });
    expect(simulator.contact({ email: ADA.value })?.emailBlacklisted).toBe(true);
    await change();
  });

  it('shows as a duplicate when a contact is created again', async () => {
    simulator.setFaults({ kind: 'dropAfterCommit', times: 1 });
    expect(await errorOf(client.createContact({ identifier: ADA }))).toMatchObject({ mayHaveHappened: true });
    expect(await errorOf(client.createContact({ identifier: ADA }))).toMatchObject({
      identifiers: ['email'],
    });
  });

  it.each([
    { kind: 'errorInOk' },
    { kind: 'redirect' },
    { kind: 'dropBefore' },
    { kind: 'status', status: 425 },
  ] as const)('is not taken for done when it was not (%j)', async (fault) => {
    simulator.seedContact({ email: ADA.value });
    simulator.setFaults({ ...fault });
    const failure = await errorOf(client.updateContact(ADA, { emailBlacklisted: true }));
    expect(failure).toBeInstanceOf(BrevoUnavailableError);
    expect(simulator.contact({ email: ADA.value })?.emailBlacklisted).toBe(false);
  });
});

describe("Brevo's rate limit", () => {
  it.each(['token_bucket', 'fixed_window'] as const)(
    'is used but not exceeded (%s)',
    async (rateAlgorithm) => {
      await restart({ requestsPerSecond: 10, switches: { rateAlgorithm } }, 10);
      simulator.seedContact({ email: ADA.value });
      await Promise.all(Array.from({ length: 15 }, () => client.getContact(ADA)));
      expect(simulator.calls().filter(({ status }) => status === 429)).toEqual([]);
      const [first, last] = [simulator.calls()[0], simulator.calls().at(-1)];
      expect(Date.parse(last?.at ?? '') - Date.parse(first?.at ?? '')).toBeLessThan(6_000);
    },
  );

  it('that is lower than ours is learnt from the headers', async () => {
    await restart({ requestsPerSecond: 5 }, 50);
    await client.getContact(ADA);
    await Promise.all(Array.from({ length: 8 }, () => client.getContact(ADA)));
    expect(simulator.calls().filter(({ status }) => status === 429)).toEqual([]);
  });

  it('hands back when to come again', async () => {
    simulator.setFaults({ kind: 'status', status: 429, resetSeconds: 2, times: 1 });
    const failure = await errorOf(client.getContact(ADA));
    expect(failure).toBeInstanceOf(BrevoRateLimitedError);
    expect((failure as BrevoRateLimitedError).retryAfterMs).toBeGreaterThanOrEqual(2_000);
    expect(await errorOf(client.getContact(ADA, { maxWaitMs: 500 }))).toBeInstanceOf(BrevoRateLimitedError);
    expect(simulator.calls()).toHaveLength(1);
  });
});
