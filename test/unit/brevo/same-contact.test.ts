import { describe, expect, it } from '@jest/globals';
import type { BrevoContact } from '../../../brevo/contact';
import { isSomebodyElse } from '../../../brevo/same-contact';
import type { Identifier } from '../../../consent/identifier';

const contact = (changes: Partial<BrevoContact> & { email?: string }) => ({
  id: 7,
  emailBlacklisted: false,
  attributes: {},
  unsubscriptions: [],
  ...changes,
});

describe('an answered contact', () => {
  it.each<[Identifier, Parameters<typeof contact>[0]]>([
    [{ kind: 'contact_id', value: '7' }, {}],
    [{ kind: 'email', value: 'ada@example.com' }, { email: 'Ada@Example.com' }],
    [{ kind: 'email', value: 'ada@bücher.example' }, { email: 'ada@xn--bcher-kva.example' }],
    [{ kind: 'email', value: 'ada@example.com' }, {}],
    [{ kind: 'ext_id', value: 'user-1' }, { attributes: { EXT_ID: 'user-1' } }],
    [{ kind: 'ext_id', value: '12' }, { attributes: { EXT_ID: 12 } }],
    [{ kind: 'ext_id', value: 'user-1' }, { attributes: {} }],
    [{ kind: 'ext_id', value: 'user-1' }, { attributes: { EXT_ID: '' } }],
    [{ kind: 'phone', value: '33612345678' }, { attributes: { SMS: '+33 6 12 34 56 78' } }],
    [{ kind: 'phone', value: '33612345678' }, { attributes: { SMS: '0033612345678' } }],
  ])('is the one that was asked for by %j: %j', (identifier, changes) => {
    expect(isSomebodyElse(identifier, contact(changes))).toBe(false);
  });

  it.each<[Identifier, Parameters<typeof contact>[0]]>([
    [{ kind: 'contact_id', value: '70' }, {}],
    [{ kind: 'email', value: 'ada@example.com' }, { email: 'bob@example.com' }],
    [{ kind: 'ext_id', value: 'user-1' }, { attributes: { EXT_ID: 'user-2' } }],
    [{ kind: 'phone', value: '33612345678' }, { attributes: { SMS: '33612345679' } }],
  ])('is somebody else when asked for by %j: %j', (identifier, changes) => {
    expect(isSomebodyElse(identifier, contact(changes))).toBe(true);
  });
});
