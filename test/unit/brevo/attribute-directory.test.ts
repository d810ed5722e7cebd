import { beforeEach, describe, expect, it } from '@jest/globals';
import type { BrevoAttribute } from '../../../brevo/answers';
import { AttributeDirectory } from '../../../brevo/attribute-directory';
import { BrevoUnavailableError } from '../../../brevo/errors';
import type { AttributeType } from '../../../consent/attribute';
import { errorOf } from './stub-brevo';

const OPT_EMAIL: BrevoAttribute = { name: 'OPT_EMAIL', category: 'normal', type: 'boolean' };
const DOWN = new BrevoUnavailableError('down', { call: 'GET /contacts/attributes' }, false);

let now: number;
let loads: number;
let answer: () => Promise<BrevoAttribute[]>;
let directory: AttributeDirectory;
beforeEach(() => {
  now = 0;
  loads = 0;
  answer = async () => [OPT_EMAIL];
  directory = new AttributeDirectory(
    () => {
      loads++;
      return answer();
    },
    { now: () => now },
  );
});

const typeOf = async (name: string): Promise<AttributeType | undefined> =>
  (await directory.lookUp([name])).get(name)?.type;

describe('the attributes of an account', () => {
  it('are read once for all who ask at the same time', async () => {
    await Promise.all([typeOf('OPT_EMAIL'), typeOf('OPT_EMAIL'), typeOf('OTHER')]);
    expect(loads).toBe(1);
  });

  it('are remembered for five minutes', async () => {
    await typeOf('OPT_EMAIL');
    now = 5 * 60_000 - 1;
    await typeOf('OPT_EMAIL');
    expect(loads).toBe(1);
    now += 1;
    await typeOf('OPT_EMAIL');
    expect(loads).toBe(2);
  });

  it('are looked up again for one that is missing, at most every 30 s', async () => {
    await typeOf('OPT_EMAIL');
    expect(await typeOf('NEW')).toEqual({ kind: 'missing' });
    expect(loads).toBe(1);
    answer = async () => [OPT_EMAIL, { name: 'NEW', category: 'normal', type: 'text' }];
    now = 29_999;
    expect(await typeOf('NEW')).toEqual({ kind: 'missing' });
    now = 30_000;
    expect(await typeOf('NEW')).toEqual({ kind: 'text' });
    expect(loads).toBe(2);
  });

  it('are not read when none is asked for', async () => {
    expect(await directory.lookUp([])).toEqual(new Map());
    expect(loads).toBe(0);
  });

  it('are still known when they cannot be read again, and Brevo is not asked at every turn', async () => {
    await typeOf('OPT_EMAIL');
    now = 10 * 60_000;
    answer = () => Promise.reject(DOWN);
    for (let i = 0; i < 5; i++) expect(await typeOf('OPT_EMAIL')).toEqual({ kind: 'boolean' });
    expect(loads).toBe(2);
  });

  it('are not called missing when they could never be read', async () => {
    answer = () => Promise.reject(DOWN);
    expect(await errorOf(typeOf('OPT_EMAIL'))).toBe(DOWN);
    expect(await errorOf(typeOf('OPT_EMAIL'))).toBe(DOWN);
  });

  it('that were read once serve as long as they cannot be read again, also beside one that is missing', async () => {
    await typeOf('OPT_EMAIL');
    now = 60 * 60_000;
    answer = () => Promise.reject(DOWN);
    for (let i = 0; i < 5; i++) {
      const found = await directory.lookUp(['OPT_EMAIL', 'NEW']);
      expect([...found.values()].map(({ type }) => type.kind)).toEqual(['boolean', 'missing']);
    }
    expect(loads).toBe(2);
  });

  it('are found in any case and named as Brevo spells them', async () => {
    const found = await directory.lookUp(['opt_email', 'other']);
    expect(found.get('opt_email')).toEqual({ name: 'OPT_EMAIL', type: { kind: 'boolean' } });
    expect(found.get('other')).toEqual({ name: 'OTHER', type: { kind: 'missing' } });
  });

  it.each<[BrevoAttribute, AttributeType]>([
    [{ name: 'A', category: 'normal', type: 'text' }, { kind: 'text' }],
    [{ name: 'A', category: 'normal', type: 'float' }, { kind: 'number' }],
    [{ name: 'A', category: 'normal', type: 'date' }, { kind: 'date' }],
    [
      { name: 'A', category: 'normal', type: 'multiple-choice', multiCategoryOptions: ['news'] },
      { kind: 'multiple-choice', options: ['news'] },
    ],
    [
      { name: 'A', category: 'normal', type: 'multiple-choice', multiCategoryOptions: null },
      { kind: 'multiple-choice', options: [] },
    ],
    [
      { name: 'A', category: 'category', type: 'text', enumeration: [{ value: '1', label: 'Ms' }] },
      { kind: 'category', options: [{ id: '1', label: 'Ms' }] },
    ],
    [
      { name: 'A', category: 'category', enumeration: [{ value: '0', valueStr: 'en', label: 'English' }] },
      { kind: 'category', options: [{ id: 'en', label: 'English' }] },
    ],
  ])('have the type that Brevo describes: %j', async (attribute, type) => {
    answer = async () => [attribute];
    expect(await typeOf('A')).toEqual(type);
  });

  it.each<BrevoAttribute>([
    { name: 'A', category: 'calculated', type: 'text' },
    { name: 'A', category: 'global' },
    { name: 'A', category: 'transactional', type: 'id' },
    { name: 'A', category: 'normal', type: 'user' },
    { name: 'A', category: 'normal' },
  ])('cannot be written where a contact does not hold them or the type is unknown: %j', async (attribute) => {
    answer = async () => [attribute];
    expect(await typeOf('A')).toMatchObject({ kind: 'unwritable' });
  });

  it.each(['EMAIL', 'SMS', 'EXT_ID'])(
    'cannot be written where they identify the contact: %s',
    async (name) => {
      answer = async () => [{ name, category: 'normal', type: 'text' }];
      expect(await typeOf(name)).toMatchObject({ kind: 'unwritable' });
    },
  );

  it('are those of the contact where a transactional one has the same name', async () => {
    const transactional: BrevoAttribute = { name: 'OPT_EMAIL', category: 'transactional', type: 'text' };
    for (const attributes of [
      [OPT_EMAIL, transactional],
      [transactional, OPT_EMAIL],
    ]) {
      answer = async () => attributes;
      now += 10 * 60_000;
      expect(await typeOf('OPT_EMAIL')).toEqual({ kind: 'boolean' });
    }
  });
});
