import { beforeEach, describe, expect, it } from '@jest/globals';
import { simulatorForTests } from './support';

const { running, call } = simulatorForTests();
const attributes = () => running().contact({ id: 1 })?.attributes;
const write = (values: Record<string, unknown>) => call('PUT', '/contacts/1', { attributes: values });

beforeEach(() => {
  running().seedContact({
    email: 'ada@example.com',
    attributes: {
      OPT_EMAIL: true,
      SCORE: 1,
      CONSENT_DATE: '2026-01-01',
      FREQUENCY: 'weekly',
      TOPICS: ['news'],
    },
  });
});

describe('a value of the wrong type is answered 204 and dropped', () => {
  it.each([
    ['a boolean', 'OPT_EMAIL', ['false', 'true', 0, 1, 'Yes', 'No', [], {}], true],
    ['a float', 'SCORE', ['2', 'high', true, [2]], 1],
    ['a date', 'CONSENT_DATE', ['yesterday', '31/12/2026', '2026-02-30', 20260101, true], '2026-01-01'],
    ['a category', 'FREQUENCY', ['hourly', '9', 9, true, ['daily']], 'weekly'],
    ['a multiple choice', 'TOPICS', ['sport', 'sport,news', ['weather'], [1], true], ['news']],
  ])('for %s', async (_what, name, values, kept) => {
    for (const value of values) {
      const answer = await write({ [name]: value });
      expect([value, answer.status, attributes()?.[name]]).toEqual([value, 204, kept]);
    }
  });
});

describe('a value of the right type is stored', () => {
  it('for a boolean, false included', async () => {
    expect((await write({ OPT_EMAIL: false })).status).toBe(204);
    expect(attributes()?.OPT_EMAIL).toBe(false);
  });

  it('for a float, 0 included', async () => {
    await write({ SCORE: 0 });
    expect(attributes()?.SCORE).toBe(0);
  });

  it('for a date, without its time part', async () => {
    await write({ CONSENT_DATE: '2026-10-30T18:02:54.900+01:00', BIRTHDAY: '2024-02-29' });
    expect(attributes()).toMatchObject({ CONSENT_DATE: '2026-10-30', BIRTHDAY: '2024-02-29' });
  });

  it('for a category by label, by id and by number', async () => {
    for (const value of ['never', '3', 3]) {
      await write({ FREQUENCY: 'daily' });
      await write({ FREQUENCY: value });
      expect(attributes()?.FREQUENCY).toBe('never');
    }
  });

  it('for the known ones among the options of a multiple choice', async () => {
    await write({ TOPICS: ['offers', 'weather', 'sport'] });
    expect(attributes()?.TOPICS).toEqual(['sport', 'offers']);
  });

  it('for a text, a number too', async () => {
    await write({ FIRSTNAME: 'Ada 😀', LASTNAME: 1815 });
    expect(attributes()).toMatchObject({ FIRSTNAME: 'Ada 😀', LASTNAME: '1815' });
  });

  it.each(['+33612345678', '0033612345678', '33612345678', '+33 6 12 34 56 78'])(
    'for the phone number %s, as digits',
    async (phone) => {
      await write({ SMS: phone });
      expect(attributes()?.SMS).toBe('33612345678');
    },
  );
});

it('clears an attribute with an empty text', async () => {
  await write({ OPT_EMAIL: '', CONSENT_DATE: '', FREQUENCY: '', TOPICS: '' });
  expect(attributes()).toEqual({ SCORE: 1 });
});

it('refuses a phone number that is none with 400, and then writes nothing of that call', async () => {
  const answer = await write({ OPT_EMAIL: false, SMS: '06' });
  expect([answer.status, answer.json.message]).toEqual([400, 'Invalid phone number']);
  expect(attributes()?.OPT_EMAIL).toBe(true);
});

it('ignores an unknown attribute, or refuses the call, whichever is set', async () => {
  expect((await write({ NO_SUCH: 1, SCORE: 2 })).status).toBe(204);
  expect(attributes()).toMatchObject({ SCORE: 2 });
  running().setSwitches({ unknownAttribute: '400' });
  const refused = await write({ NO_SUCH: 1, SCORE: 3 });
  expect([refused.status, refused.json.message]).toEqual([
    400,
    'Transactional attribute as primary Key is missing',
  ]);
  expect(attributes()).toMatchObject({ SCORE: 2 });
});

it('takes lower-case names for unknown ones, unless the switch says otherwise', async () => {
  await write({ opt_email: false });
  expect(attributes()?.OPT_EMAIL).toBe(true);
  running().setSwitches({ lowerCaseAttribute: 'accept' });
  await write({ opt_email: false });
  expect(attributes()?.OPT_EMAIL).toBe(false);
});

it('does not let anyone write calculated and global attributes', async () => {
  expect((await write({ BLACKLISTED: 5, ORDER_COUNT: 5 })).status).toBe(204);
  expect(attributes()).not.toHaveProperty('BLACKLISTED');
});

it('refuses transactional attributes without the id of the transaction', async () => {
  expect((await write({ ORDER_PRICE: 9.5 })).status).toBe(400);
  expect((await write({ ORDER_ID: 'o-1', ORDER_PRICE: 9.5 })).status).toBe(204);
  expect(running().contact({ id: 1 })?.transactions).toEqual([{ ORDER_ID: 'o-1', ORDER_PRICE: 9.5 }]);
});

it('survives attribute names that JavaScript objects have', async () => {
  const body = '{"attributes":{"__proto__":{"polluted":true},"constructor":1,"toString":2,"SCORE":4}}';
  expect((await call('PUT', '/contacts/1', body)).status).toBe(204);
  expect(attributes()).toMatchObject({ SCORE: 4 });
  expect({}).not.toHaveProperty('polluted');
});

it('shows a category by label, id or number, whichever is set', async () => {
  const shown = async () => (await call('GET', '/contacts/1')).json.attributes.FREQUENCY;
  expect(await shown()).toBe('weekly');
  running().setSwitches({ categoryValue: 'id' });
  expect(await shown()).toBe('2');
  running().setSwitches({ categoryValue: 'number' });
  expect(await shown()).toBe(2);
});

describe('attribute definitions', () => {
  const path = '/contacts/attributes';

  it('shows value 0 for a category id that is no number', async () => {
    const enumeration = [{ value: 'fr', label: 'French' }];
    await call('POST', `${path}/category/TONGUE`, { type: 'category', enumeration });
    const { attributes: all } = (await call('GET', path)).json;
    expect(all.find(({ name }: { name: string }) => name === 'TONGUE')).toEqual({
      name: 'TONGUE',
      category: 'category',
      enumeration: [{ value: 0, valueStr: 'fr', label: 'French' }],
    });
    await write({ TONGUE: 'fr' });
    expect(attributes()?.TONGUE).toBe('French');
  });

  it('come with their name in upper case, once', async () => {
    const made = await call('POST', `${path}/normal/opt_post`, { type: 'boolean' });
    expect([made.status, made.text]).toEqual([201, '']);
    expect((await call('POST', `${path}/normal/OPT_POST`, { type: 'boolean' })).status).toBe(400);
    await write({ OPT_POST: true });
    expect(attributes()?.OPT_POST).toBe(true);
  });

  it.each([
    ['without a body', 'normal', undefined],
    ['without a type', 'normal', {}],
    ['of an unknown type', 'normal', { type: 'integer' }],
    ['of type id, unless transactional', 'normal', { type: 'id' }],
    ['of type user, if transactional', 'transactional', { type: 'user' }],
    ['calculated without a formula', 'calculated', { type: 'text' }],
    ['of an unknown category', 'special', { type: 'text' }],
    [
      'with an option of 201 characters',
      'normal',
      { type: 'multiple-choice', multiCategoryOptions: ['x'.repeat(201)] },
    ],
  ])('cannot be made %s', async (_what, category, body) => {
    expect((await call('POST', `${path}/${category}/MADE`, body)).status).toBe(400);
  });

  it('can get other options, but no other type', async () => {
    await call('PUT', `${path}/normal/TOPICS`, { type: 'text', multiCategoryOptions: ['weather'] });
    await write({ TOPICS: ['weather'] });
    expect(attributes()?.TOPICS).toEqual(['weather']);
  });

  it('take the values of all contacts with them', async () => {
    expect((await call('DELETE', `${path}/normal/SCORE`)).status).toBe(204);
    expect((await call('DELETE', `${path}/normal/SCORE`)).status).toBe(404);
    expect(attributes()).not.toHaveProperty('SCORE');
  });

  it('are found under their own category only', async () => {
    expect((await call('PUT', `${path}/category/SCORE`, { enumeration: [] })).status).toBe(404);
  });
});
