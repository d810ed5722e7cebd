import { describe, expect, it } from '@jest/globals';
import { simulatorForTests } from './support';

const { running, call } = simulatorForTests();
const ada = () => running().contact({ email: 'ada@example.com' });

describe('creating a contact', () => {
  it('answers 201 with the id, and 204 without body or content type when it updates', async () => {
    const created = await call('POST', '/contacts', { email: 'ada@example.com' });
    expect([created.status, created.json]).toEqual([201, { id: 1 }]);
    const updated = await call('POST', '/contacts', { email: 'ada@example.com', updateEnabled: true });
    expect([updated.status, updated.text]).toEqual([204, '']);
    expect(updated.headers.get('content-type')).toBeNull();
  });

  it('stores and matches e-mail addresses in lower case', async () => {
    await call('POST', '/contacts', { email: 'Ada@Example.com' });
    const again = await call('POST', '/contacts', { email: 'ADA@EXAMPLE.COM' });
    expect(again.status).toBe(400);
    expect((await call('GET', '/contacts/ADA%40example.com')).json.email).toBe('ada@example.com');
  });

  it.each([
    'ada',
    'ada@',
    '@example.com',
    'ada@example',
    'a da@example.com',
    'ada..b@example.com',
    `${'a'.repeat(65)}@example.com`,
  ])('refuses %j as an e-mail address', async (email) => {
    const answer = await call('POST', '/contacts', { email });
    expect([answer.status, answer.json]).toEqual([
      400,
      { code: 'invalid_parameter', message: 'Invalid email address' },
    ]);
  });

  it('needs an e-mail address, an ext_id or a phone number', async () => {
    expect((await call('POST', '/contacts', { attributes: { FIRSTNAME: 'Ada' } })).json).toEqual({
      code: 'missing_parameter',
      message: 'Please provide Email or SMS attribute value to create user',
    });
    expect((await call('POST', '/contacts', { ext_id: 'user-88' })).status).toBe(201);
    expect((await call('POST', '/contacts', { attributes: { SMS: '+33612345678' } })).status).toBe(201);
  });

  it('shows no e-mail address for a contact that has none', async () => {
    await call('POST', '/contacts', { ext_id: 'user-88' });
    expect((await call('GET', '/contacts/1')).json).not.toHaveProperty('email');
  });

  it.each([
    ['an empty body', ''],
    ['no JSON', '{"email":'],
    ['an array', '[]'],
    ['list ids as strings', '{"email":"ada@example.com","listIds":["7"]}'],
    ['a flag as a string', '{"email":"ada@example.com","emailBlacklisted":"true"}'],
    ['attributes that are no object', '{"email":"ada@example.com","attributes":"x"}'],
    ['forceMerge, which would delete a contact', '{"email":"ada@example.com","forceMerge":true}'],
  ])('refuses %s and creates nothing', async (_what, body) => {
    expect((await call('POST', '/contacts', body)).status).toBe(400);
    expect(running().contacts()).toEqual([]);
  });

  it('refuses an unknown list with 400 or 404, whichever is set, and creates nothing', async () => {
    const body = { email: 'ada@example.com', listIds: [7, 999] };
    expect((await call('POST', '/contacts', body)).status).toBe(400);
    running().setSwitches({ unknownList: '404' });
    expect((await call('POST', '/contacts', body)).json.code).toBe('document_not_found');
    expect(running().contacts()).toEqual([]);
  });

  it('sets the blacklist and the list in the same call', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com', emailBlacklisted: true, listIds: [7] });
    expect(ada()).toMatchObject({ emailBlacklisted: true, listIds: [7] });
  });
});

describe('a duplicate', () => {
  it('is a 400 that names the identifier, under the code that is set', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com' });
    const first = await call('POST', '/contacts', { email: 'ada@example.com' });
    expect(first.status).toBe(400);
    expect(first.json).toEqual({
      code: 'invalid_parameter',
      message: 'Unable to create contact, email is already associated with another Contact',
      metadata: { duplicate_identifiers: ['email'] },
    });
    running().setSwitches({ duplicateCode: 'duplicate_parameter' });
    expect((await call('POST', '/contacts', { email: 'ada@example.com' })).json.code).toBe(
      'duplicate_parameter',
    );
  });

  it('has no metadata in the old wording', async () => {
    running().setSwitches({ duplicateWording: 'already_exist' });
    await call('POST', '/contacts', { email: 'ada@example.com' });
    expect((await call('POST', '/contacts', { email: 'ada@example.com' })).json).toEqual({
      code: 'invalid_parameter',
      message: 'Contact already exist',
    });
  });

  it('names the ext_id that another contact has, in either spelling, and changes nothing', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com', ext_id: 'user-88' });
    await call('POST', '/contacts', { email: 'bob@example.com' });
    const update = { ext_id: 'user-88', emailBlacklisted: true };
    const refused = await call('PUT', '/contacts/bob%40example.com', update);
    expect(refused.json.metadata).toEqual({ duplicate_identifiers: ['ext_id'] });
    running().setSwitches({ duplicateNames: 'upper_case' });
    const again = await call('PUT', '/contacts/bob%40example.com', update);
    expect(again.json.metadata).toEqual({ duplicate_identifiers: ['EXT_ID'] });
    expect(running().contact({ email: 'bob@example.com' })?.emailBlacklisted).toBe(false);
  });

  it('joins the names of two identifiers in its message', async () => {
    await call('POST', '/contacts', { ext_id: 'user-88', attributes: { SMS: '+33612345678' } });
    await call('POST', '/contacts', { email: 'bob@example.com' });
    const body = { ext_id: 'user-88', attributes: { SMS: '0033612345678' } };
    const refused = await call('PUT', '/contacts/bob%40example.com', body);
    expect(refused.json.message).toBe(
      'Unable to update contact, SMS or EXT_ID are already associated with another Contact',
    );
    expect(refused.json.metadata).toEqual({ duplicate_identifiers: ['SMS', 'ext_id'] });
  });

  it('is an upsert whose e-mail address is new but whose ext_id is not', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com', ext_id: 'user-88' });
    const body = { email: 'new@example.com', ext_id: 'user-88', updateEnabled: true };
    expect((await call('POST', '/contacts', body)).json.metadata).toEqual({
      duplicate_identifiers: ['ext_id'],
    });
  });

  it('is not the contact itself', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com', ext_id: 'user-88' });
    const body = { email: 'ada@example.com', ext_id: 'user-88', updateEnabled: true };
    expect((await call('POST', '/contacts', body)).status).toBe(204);
    expect((await call('PUT', '/contacts/1', { ext_id: 'user-88' })).status).toBe(204);
  });
});

describe('lists of a contact', () => {
  it('only grow with listIds and only shrink with unlinkListIds', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com', listIds: [7] });
    await call('POST', '/contacts', { email: 'ada@example.com', listIds: [12], updateEnabled: true });
    expect(ada()?.listIds).toEqual([7, 12]);
    await call('PUT', '/contacts/1', { listIds: [31], unlinkListIds: [7] });
    expect(ada()?.listIds).toEqual([12, 31]);
  });
});

describe('the e-mail blacklist', () => {
  it('stays as it is when a write leaves it out', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com', emailBlacklisted: true });
    await call('PUT', '/contacts/1', { attributes: { FIRSTNAME: 'Ada' } });
    await call('POST', '/contacts', { email: 'ada@example.com', updateEnabled: true, listIds: [7] });
    await call('POST', '/contacts/lists/12/contacts/add', { ids: [1] });
    expect(ada()).toMatchObject({
      emailBlacklisted: true,
      listIds: [7, 12],
      attributes: { FIRSTNAME: 'Ada' },
    });
  });

  it('is left by an explicit false', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com', emailBlacklisted: true });
    await call('PUT', '/contacts/1', { emailBlacklisted: false });
    expect(ada()?.emailBlacklisted).toBe(false);
  });

  it('is left when the e-mail address changes', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com', emailBlacklisted: true });
    expect((await call('PUT', '/contacts/1', { attributes: { EMAIL: 'Ada@new.example' } })).status).toBe(204);
    expect(running().contact({ id: 1 })).toMatchObject({ email: 'ada@new.example', emailBlacklisted: false });
    expect(ada()).toBeUndefined();
  });

  it('is left even when the address that is sent is the old one, unless the switch says otherwise', async () => {
    running().seedContact({ email: 'ada@example.com', emailBlacklisted: true });
    running().seedContact({ email: 'bob@example.com', emailBlacklisted: true });
    await call('PUT', '/contacts/1', { attributes: { EMAIL: 'ada@example.com' } });
    expect(running().contact({ id: 1 })?.emailBlacklisted).toBe(false);
    running().setSwitches({ sameEmail: 'keeps_blacklist' });
    await call('PUT', '/contacts/2', { attributes: { EMAIL: 'bob@example.com' } });
    expect(running().contact({ id: 2 })?.emailBlacklisted).toBe(true);
  });

  it('is kept through a change of address by a flag in the same call', async () => {
    running().seedContact({ email: 'ada@example.com', emailBlacklisted: true });
    await call('PUT', '/contacts/1', { attributes: { EMAIL: 'ada@new.example' }, emailBlacklisted: true });
    expect(running().contact({ id: 1 })?.emailBlacklisted).toBe(true);
  });

  it('is lost with a deleted contact: one created again is mailable', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com', emailBlacklisted: true });
    await call('DELETE', '/contacts/ada%40example.com');
    await call('POST', '/contacts', { email: 'ada@example.com' });
    expect(ada()?.emailBlacklisted).toBe(false);
  });
});

describe('updating and deleting', () => {
  it('answers 404 for an unknown contact and creates nothing', async () => {
    const answer = await call('PUT', '/contacts/nobody%40example.com?identifierType=email_id', {
      emailBlacklisted: true,
    });
    expect([answer.status, answer.json.code]).toEqual([404, 'document_not_found']);
    expect(running().contacts()).toEqual([]);
  });

  it('deletes once: 204, then 404', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com' });
    expect((await call('DELETE', '/contacts/ada%40example.com')).status).toBe(204);
    expect((await call('DELETE', '/contacts/ada%40example.com')).status).toBe(404);
    expect((await call('GET', '/contacts/ada%40example.com')).status).toBe(404);
  });

  it('does not delete the contact of the account itself', async () => {
    running().seedContact({ email: 'owner@example.com' });
    expect((await call('DELETE', '/contacts/1')).status).toBe(405);
  });

  it('never gives the id of a deleted contact to another', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com' });
    await call('DELETE', '/contacts/1');
    expect((await call('POST', '/contacts', { email: 'ada@example.com' })).json).toEqual({ id: 2 });
  });

  it('moves modifiedAt with every write, list changes and our own included', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com' });
    const seen: string[] = [];
    const writes = [
      () => call('PUT', '/contacts/1', {}),
      () => call('PUT', '/contacts/1', { emailBlacklisted: false }),
      () => call('POST', '/contacts', { email: 'ada@example.com', updateEnabled: true }),
      () => call('POST', '/contacts/lists/7/contacts/add', { ids: [1] }),
      () => call('POST', '/contacts/lists/7/contacts/remove', { ids: [1] }),
    ];
    for (const write of writes) {
      await write();
      seen.push(ada()?.modifiedAt ?? '');
    }
    expect(new Set(seen).size).toBe(writes.length);
    expect([...seen].sort()).toEqual(seen);
  });

  it('keeps transactional senders that are forbidden', async () => {
    await call('POST', '/contacts', { email: 'ada@example.com' });
    await call('PUT', '/contacts/1', { smtpBlacklistSender: ['shop@example.com'] });
    expect(ada()?.smtpBlacklistSender).toEqual(['shop@example.com']);
  });
});

describe('times', () => {
  it('carry the offset of the account instead of Z', async () => {
    running().seedContact({ email: 'ada@example.com', createdAt: '2026-03-02T08:14:07.120Z' });
    expect((await call('GET', '/contacts/1')).json.createdAt).toBe('2026-03-02T09:14:07.120+01:00');
    running().setSwitches({ utcOffsetMinutes: -210 });
    expect((await call('GET', '/contacts/1')).json.createdAt).toBe('2026-03-02T04:44:07.120-03:30');
    running().setSwitches({ utcOffsetMinutes: 0 });
    expect((await call('GET', '/contacts/1')).json.createdAt).toBe('2026-03-02T08:14:07.120Z');
  });
});
