import { beforeEach, describe, expect, it } from '@jest/globals';
import { simulatorForTests } from './support';

const { running, call } = simulatorForTests();
const add = (list: number, body: unknown) => call('POST', `/contacts/lists/${list}/contacts/add`, body);
const remove = (list: number, body: unknown) => call('POST', `/contacts/lists/${list}/contacts/remove`, body);

beforeEach(() => {
  running().seedContact({ email: 'ada@example.com', ext_id: 'user-88', emailBlacklisted: true });
  running().seedContact({ email: 'bob@example.com' });
});

describe('adding contacts to a list', () => {
  it('says which could not be added', async () => {
    const answer = await add(7, { emails: ['ADA@example.com', 'nobody@example.com'] });
    expect([answer.status, answer.json]).toEqual([
      201,
      { contacts: { success: ['ADA@example.com'], failure: ['nobody@example.com'] } },
    ]);
    expect(running().contacts()).toHaveLength(2);
  });

  it('is a 400 when none could be added, being there already or unknown', async () => {
    await add(7, { ids: [1] });
    for (const body of [{ ids: [1] }, { extIds: ['user-89'] }]) {
      expect((await add(7, body)).json).toEqual({
        code: 'invalid_parameter',
        message: 'Contact already in list and/or does not exist',
      });
    }
  });

  it('succeeds for a blacklisted contact, which stays blacklisted', async () => {
    expect((await add(7, { extIds: ['user-88'] })).status).toBe(201);
    expect(running().contact({ id: 1 })).toMatchObject({ emailBlacklisted: true, listIds: [7] });
  });

  it('takes one kind of identifier and at most 150 of them', async () => {
    expect((await add(7, {})).json.code).toBe('missing_parameter');
    expect((await add(7, { ids: [1], emails: ['bob@example.com'] })).status).toBe(400);
    expect((await add(7, { ids: Array.from({ length: 151 }, (_, id) => id + 1) })).status).toBe(400);
  });

  it('needs a list that exists', async () => {
    expect((await add(999, { ids: [1] })).json).toEqual({
      code: 'document_not_found',
      message: 'List ID does not exist',
    });
  });
});

describe('removing contacts from a list', () => {
  it('answers like adding', async () => {
    await add(7, { ids: [1] });
    expect((await remove(7, { ids: [1, 2] })).json).toEqual({ contacts: { success: [1], failure: [2] } });
    expect((await remove(7, { ids: [1] })).status).toBe(400);
  });

  it('can take all at once, as a process', async () => {
    await add(7, { ids: [1, 2] });
    expect((await remove(7, { all: true })).json).toEqual({ contacts: { processId: 1, total: 2 } });
    expect(
      running()
        .contacts()
        .every(({ listIds }) => listIds.length === 0),
    ).toBe(true);
  });
});

describe('lists', () => {
  it('has list 7 from the start, and counters that read 0', async () => {
    expect((await call('GET', '/contacts/lists/7')).json).toMatchObject({
      id: 7,
      folderId: 1,
      uniqueSubscribers: 0,
      totalSubscribers: 0,
      totalBlacklisted: 0,
    });
  });

  it('shows the contacts of one list, at most 500 a page', async () => {
    await add(7, { ids: [1] });
    const { json } = await call('GET', '/contacts/lists/7/contacts');
    expect([json.count, json.contacts[0].email]).toEqual([1, 'ada@example.com']);
    expect((await call('GET', '/contacts/lists/7/contacts?limit=501')).json.code).toBe('out_of_range');
    expect((await call('GET', '/contacts/lists/999/contacts')).status).toBe(404);
  });

  it('pages lists by 50 at most', async () => {
    expect((await call('GET', '/contacts/lists?limit=51')).json.code).toBe('out_of_range');
    expect((await call('GET', '/contacts/lists?limit=1&sort=asc')).json).toMatchObject({
      count: 3,
      lists: [{ id: 7 }],
    });
  });

  it('needs a name and the folder for a new one', async () => {
    expect((await call('POST', '/contacts/lists', { name: 'Winter' })).json.code).toBe('missing_parameter');
    expect((await call('POST', '/contacts/lists', { folderId: 1 })).json.code).toBe('missing_parameter');
    expect((await call('POST', '/contacts/lists', { name: 'Winter', folderId: 9 })).status).toBe(404);
  });
});
