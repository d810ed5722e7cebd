import { Brevo, BrevoClient } from '@getbrevo/brevo';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '../../../simulator';

let simulator: Simulator;
let brevo: BrevoClient;

beforeAll(async () => {
  simulator = await startSimulator({ apiKey: 'xkeysib-right', requestsPerSecond: 0 });
  brevo = new BrevoClient({ apiKey: 'xkeysib-right', baseUrl: simulator.url, maxRetries: 0 });
});
beforeEach(() => simulator.reset());
afterAll(() => simulator.close());

async function failure(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('The call succeeded.');
}

describe("Brevo's official SDK against the simulator", () => {
  it('creates a contact and reads it back by e-mail, id and ext_id', async () => {
    const created = await brevo.contacts.createContact({
      email: 'Ada+news@Example.com',
      ext_id: 'user-88',
      attributes: {
        FIRSTNAME: 'Ada',
        OPT_EMAIL: true,
        SCORE: 1.5,
        TOPICS: ['news', 'sport'],
        FREQUENCY: 'weekly',
      },
      listIds: [7],
    });
    const byEmail = await brevo.contacts.getContactInfo({
      identifier: 'ada+news@example.com',
      identifierType: 'email_id',
    });
    const byId = await brevo.contacts.getContactInfo({ identifier: byEmail.id });
    const byExtId = await brevo.contacts.getContactInfo({ identifier: 'user-88', identifierType: 'ext_id' });
    expect(created?.id).toBe(byEmail.id);
    expect(byId).toEqual(byEmail);
    expect(byExtId).toEqual(byEmail);
    expect(byEmail).toMatchObject({
      email: 'ada+news@example.com',
      emailBlacklisted: false,
      listIds: [7],
      attributes: {
        FIRSTNAME: 'Ada',
        OPT_EMAIL: true,
        SCORE: 1.5,
        TOPICS: ['sport', 'news'],
        FREQUENCY: 'weekly',
        EXT_ID: 'user-88',
      },
      statistics: {},
    });
  });

  it('gets no id from an upsert that updates', async () => {
    await brevo.contacts.createContact({ email: 'ada@example.com' });
    const { data, rawResponse } = await brevo.contacts
      .createContact({ email: 'ada@example.com', updateEnabled: true, attributes: { FIRSTNAME: 'Ada' } })
      .withRawResponse();
    expect(rawResponse.status).toBe(204);
    expect(data).toBeUndefined();
  });

  it('updates, blacklists and deletes a contact', async () => {
    await brevo.contacts.createContact({ email: 'ada@example.com' });
    await brevo.contacts.updateContact({
      identifier: 'ada@example.com',
      identifierType: 'email_id',
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: false },
    });
    expect(await brevo.contacts.getContactInfo({ identifier: 'ada@example.com' })).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: false },
    });
    await brevo.contacts.deleteContact({ identifier: 'ada@example.com', identifierType: 'email_id' });
    const error = await failure(brevo.contacts.getContactInfo({ identifier: 'ada@example.com' }));
    expect(error).toBeInstanceOf(Brevo.NotFoundError);
    expect(error).toMatchObject({ body: { code: 'document_not_found', message: 'Contact does not exist' } });
  });

  it('sees a duplicate as a BadRequestError whose metadata names the identifier', async () => {
    await brevo.contacts.createContact({ email: 'ada@example.com' });
    const error = await failure(brevo.contacts.createContact({ email: 'ada@example.com' }));
    expect(error).toBeInstanceOf(Brevo.BadRequestError);
    expect(error).toMatchObject({ body: { metadata: { duplicate_identifiers: ['email'] } } });
  });

  it('pages through contacts, which come without statistics', async () => {
    for (const name of ['a', 'b', 'c']) await brevo.contacts.createContact({ email: `${name}@example.com` });
    const page = await brevo.contacts.getContacts({ limit: 2, offset: 1, sort: 'asc' });
    expect(page.count).toBe(3);
    expect(page.contacts.map(({ email }) => email)).toEqual(['b@example.com', 'c@example.com']);
    expect(page.contacts[0]).not.toHaveProperty('statistics');
  });

  it('finds contacts by several ids and by an attribute', async () => {
    for (const name of ['a', 'b', 'c']) {
      await brevo.contacts.createContact({
        email: `${name}@example.com`,
        attributes: { OPT_EMAIL: name !== 'b' },
      });
    }
    expect((await brevo.contacts.getContacts({ ids: [1, 3] })).contacts.map(({ id }) => id)).toEqual([3, 1]);
    const filtered = await brevo.contacts.getContacts({ filter: 'equals(OPT_EMAIL, true)' });
    expect(filtered.contacts.map(({ id }) => id)).toEqual([3, 1]);
  });

  it('makes, lists, changes and deletes attributes', async () => {
    await brevo.contacts.createAttribute({
      attributeCategory: 'category',
      attributeName: 'SEGMENT',
      type: 'category',
      enumeration: [{ value: 1, label: 'gold' }],
    });
    await brevo.contacts.updateAttribute({
      attributeCategory: 'category',
      attributeName: 'SEGMENT',
      enumeration: [
        { value: 1, label: 'gold' },
        { value: 2, label: 'silver' },
      ],
    });
    const made = async () =>
      (await brevo.contacts.getAttributes()).attributes.find(({ name }) => name === 'SEGMENT');
    expect(await made()).toEqual({
      name: 'SEGMENT',
      category: 'category',
      enumeration: [
        { value: 1, valueStr: '1', label: 'gold' },
        { value: 2, valueStr: '2', label: 'silver' },
      ],
    });
    await brevo.contacts.deleteAttribute({ attributeCategory: 'category', attributeName: 'SEGMENT' });
    expect(await made()).toBeUndefined();
  });

  it('makes an attribute that contacts hold themselves, and refuses a second of its name', async () => {
    const attribute = { attributeCategory: 'normal', attributeName: 'OPT_PUSH', type: 'boolean' } as const;
    const { rawResponse } = await brevo.contacts.createAttribute(attribute).withRawResponse();
    expect(rawResponse.status).toBe(201);
    const { attributes } = await brevo.contacts.getAttributes();
    expect(attributes).toContainEqual({ name: 'OPT_PUSH', category: 'normal', type: 'boolean' });
    expect(await failure(brevo.contacts.createAttribute(attribute))).toBeInstanceOf(Brevo.BadRequestError);
  });

  it('finds the default attributes of every type', async () => {
    const { attributes } = await brevo.contacts.getAttributes();
    const kinds = new Set(attributes.map(({ category, type }) => `${category} ${type ?? '-'}`));
    expect([...kinds].sort()).toEqual([
      'calculated -',
      'category -',
      'global -',
      'normal boolean',
      'normal date',
      'normal float',
      'normal multiple-choice',
      'normal text',
      'normal user',
      'transactional date',
      'transactional float',
      'transactional id',
    ]);
  });

  it('makes a list, fills it and empties it', async () => {
    const { id: listId } = await brevo.contacts.createList({ name: 'Winter', folderId: 1 });
    await brevo.contacts.createContact({ email: 'ada@example.com', ext_id: 'user-88' });
    const added = await brevo.contacts.addContactToList({
      listId,
      body: { emails: ['ada@example.com', 'nobody@example.com'] },
    });
    expect(added.contacts).toEqual({ success: ['ada@example.com'], failure: ['nobody@example.com'] });
    expect((await brevo.contacts.getContactsFromList({ listId })).contacts).toHaveLength(1);
    await brevo.contacts.removeContactFromList({ listId, body: { extIds: ['user-88'] } });
    expect(await brevo.contacts.getContactsFromList({ listId })).toEqual({ contacts: [], count: 0 });
    expect(await brevo.contacts.getList({ listId })).toMatchObject({
      id: listId,
      name: 'Winter',
      folderId: 1,
    });
    expect((await brevo.contacts.getLists({ sort: 'asc' })).lists?.map(({ id }) => id)).toContain(7);
  });

  it('reads the account', async () => {
    expect(await brevo.account.getAccount()).toMatchObject({ companyName: 'Acme', plan: [{ type: 'free' }] });
  });

  it('reads who unsubscribed and complained', async () => {
    await brevo.contacts.createContact({ email: 'ada@example.com' });
    simulator.unsubscribe({ email: 'ada@example.com', ip: '192.0.2.9' });
    simulator.unsubscribe({ email: 'ada@example.com', kind: 'complaint' });
    const { statistics, emailBlacklisted } = await brevo.contacts.getContactInfo({
      identifier: 'ada@example.com',
    });
    expect(emailBlacklisted).toBe(true);
    expect(statistics.unsubscriptions?.userUnsubscription).toMatchObject([
      { campaignId: 77, ip: '192.0.2.9' },
    ]);
    expect(statistics.complaints).toMatchObject([{ campaignId: 77 }]);
    expect(await brevo.contacts.getContactStats({ identifier: 'ada@example.com' })).toEqual(statistics);
  });

  it('is refused with a wrong key', async () => {
    const stranger = new BrevoClient({ apiKey: 'xkeysib-wrong', baseUrl: simulator.url, maxRetries: 0 });
    expect(await failure(stranger.contacts.getContacts())).toMatchObject({
      statusCode: 401,
      body: { code: 'unauthorized', message: 'Key not found' },
    });
  });

  it('still has batch update, which works only where Brevo left it on', async () => {
    await brevo.contacts.createContact({ email: 'ada@example.com' });
    const batch = { contacts: [{ email: 'ada@example.com', emailBlacklisted: true }] };
    expect(await failure(brevo.contacts.updateBatchContacts(batch))).toMatchObject({ statusCode: 404 });
    simulator.setSwitches({ batch: 'working' });
    await brevo.contacts.updateBatchContacts(batch);
    expect(simulator.contact({ email: 'ada@example.com' })).toMatchObject({ emailBlacklisted: true });
  });
});
