import { beforeEach, describe, expect, it } from '@jest/globals';
import { simulatorForTests } from './support';

const { running, call } = simulatorForTests();

beforeEach(() => {
  running().seedContact({
    email: 'a+b@example.com',
    ext_id: 'user-88',
    attributes: { SMS: '33612345678', WHATSAPP: '33612345679', LANDLINE_NUMBER: '33112345678' },
  });
  running().seedContact({ email: 'bob@example.com', ext_id: '1' });
});

const statusOf = async (method: string, path: string) =>
  (await call(method, path, method === 'PUT' ? {} : undefined)).status;

describe('an identifier with its type', () => {
  it.each([
    ['a%2Bb%40example.com', 'email_id', 1],
    ['1', 'contact_id', 1],
    ['user-88', 'ext_id', 1],
    ['1', 'ext_id', 2],
    ['%2B33612345678', 'phone_id', 1],
    ['0033612345679', 'whatsapp_id', 1],
    ['33112345678', 'landline_number_id', 1],
  ])('%s as %s finds contact %d on GET, PUT and DELETE', async (identifier, type, id) => {
    const path = `/contacts/${identifier}?identifierType=${type}`;
    expect((await call('GET', path)).json.id).toBe(id);
    expect(await statusOf('PUT', path)).toBe(204);
    expect(await statusOf('DELETE', path)).toBe(204);
    expect(running().contact({ id })).toBeUndefined();
  });

  it.each([
    ['user-88', 'contact_id'],
    ['0', 'contact_id'],
    ['user-88', 'email_id'],
    ['12', 'phone_id'],
    ['user-88', 'no_such_id'],
  ])('%s as %s can name no contact: 400', async (identifier, type) => {
    expect(await statusOf('GET', `/contacts/${identifier}?identifierType=${type}`)).toBe(400);
  });

  it('of an unknown contact is a 404', async () => {
    const answer = await call('GET', '/contacts/user-89?identifierType=ext_id');
    expect([answer.status, answer.json]).toEqual([
      404,
      { code: 'document_not_found', message: 'Contact does not exist' },
    ]);
  });
});

describe('an identifier without its type', () => {
  it('is guessed by GET among e-mail, id and SMS', async () => {
    for (const identifier of ['a%2Bb%40example.com', '1', '33612345678', '%2B33612345678']) {
      expect((await call('GET', `/contacts/${identifier}`)).json.id).toBe(1);
    }
  });

  it('is guessed by PUT and DELETE between e-mail and id only', async () => {
    expect(await statusOf('PUT', '/contacts/a%2Bb%40example.com')).toBe(204);
    expect(await statusOf('PUT', '/contacts/1')).toBe(204);
    expect(await statusOf('PUT', '/contacts/33612345678')).toBe(404);
    expect(await statusOf('DELETE', '/contacts/33612345678')).toBe(404);
  });

  it('is never taken for an ext_id: 404 or 400, whichever is set', async () => {
    expect(await statusOf('GET', '/contacts/user-88')).toBe(404);
    running().setSwitches({ unguessableIdentifier: '400' });
    expect(await statusOf('GET', '/contacts/user-88')).toBe(400);
  });

  it('made of digits is a contact id, even when it is the ext_id of another contact', async () => {
    expect((await call('GET', '/contacts/1')).json.email).toBe('a+b@example.com');
  });
});

describe('percent-encoding', () => {
  it('is undone exactly once: an identifier that was encoded twice is a 400', async () => {
    expect(await statusOf('GET', '/contacts/a%252Bb%2540example.com')).toBe(400);
    expect(await statusOf('GET', '/contacts/a%252Bb%2540example.com?identifierType=email_id')).toBe(400);
    expect(await statusOf('PUT', '/contacts/user%252088?identifierType=ext_id')).toBe(400);
  });

  it('that is broken is a 400', async () => {
    expect(await statusOf('GET', '/contacts/a%zz')).toBe(400);
  });

  it('is needed for a plus sign, unless the switch says otherwise', async () => {
    expect(await statusOf('GET', '/contacts/a+b@example.com')).toBe(404);
    expect(await statusOf('GET', '/contacts/a%2Bb@example.com')).toBe(200);
    running().setSwitches({ unencodedPlus: 'works' });
    expect(await statusOf('GET', '/contacts/a+b@example.com')).toBe(200);
  });

  it.each(['50% off', 'a%2Fb', 'a/b', 'ü-😀', 'a+b c', '?x=1&y#z'])(
    'keeps the ext_id %j whole',
    async (extId) => {
      running().seedContact({ ext_id: extId });
      const answer = await call('GET', `/contacts/${encodeURIComponent(extId)}?identifierType=ext_id`);
      expect(answer.json.attributes.EXT_ID).toBe(extId);
    },
  );
});

describe('paths', () => {
  it('without an identifier are unknown', async () => {
    expect(await statusOf('DELETE', '/contacts/')).toBe(404);
    expect(await statusOf('GET', '/nothing')).toBe(404);
  });

  it('with another method are 405', async () => {
    expect((await call('DELETE', '/contacts')).json.code).toBe('method_not_allowed');
    expect((await call('PATCH', '/contacts/1', {})).status).toBe(405);
  });
});
