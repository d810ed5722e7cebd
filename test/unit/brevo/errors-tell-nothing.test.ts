import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { BrevoError } from '../../../brevo/errors';
import type { Identifier } from '../../../consent/identifier';
import { ADA, failingBrevo, HTML, json } from './failing-brevo';
import { API_KEY, errorOf } from './stub-brevo';

const { stub, put } = failingBrevo();

describe('no error shows', () => {
  const PERSON = 'grace.hopper+news@example.com';
  const echo = `Bad ${PERSON} / ${encodeURIComponent(PERSON)} / ${PERSON.toUpperCase()} / 'other@example.org' / +33 6 12 34 56 78 / 4930123456 / key ${API_KEY}`;
  const private_ = [/hopper/i, /other@/, /12 34/, /123456/, /secret/];

  it.each([400, 401, 402, 403, 404, 409, 422, 425, 429, 500, 503, 200])(
    'the identifier, another address, a number or the key, though Brevo says them (%d)',
    async (status) => {
      const identifier: Identifier = { kind: 'email', value: PERSON };
      const bodies = [
        { code: 'invalid_parameter', message: echo },
        { code: PERSON, message: echo },
        echo,
        `<html><title>${echo}</title></html>`,
      ];
      for (const body of bodies) {
        stub().answer({ status, body, headers: { 'sib-request-id': PERSON } });
        const client = stub().client();
        const failures = [
          await errorOf(client.updateContact(identifier, { attributes: { NAME: 'Grace' } })),
          await errorOf(stub().client().createContact({ identifier })),
        ];
        for (const failure of failures) {
          expect(failure).toBeInstanceOf(BrevoError);
          const shown = `${inspect(failure, { depth: 10, showHidden: true })} ${JSON.stringify(failure)}`;
          for (const secret of private_) expect(shown).not.toMatch(secret);
        }
      }
    },
  );

  it.each([400, 402, 403, 422, 500, 200])(
    'what was sent where the code or the id of the request repeats it (%d)',
    async (status) => {
      const identifier: Identifier = { kind: 'ext_id', value: 'grace.hopper' };
      for (const told of [
        API_KEY,
        'xkeysib-of-another-account',
        'grace.hopper',
        'err_grace.hopper',
        'Lovelace',
      ]) {
        stub().answer({ status, body: { code: told, message: 'No' }, headers: { 'sib-request-id': told } });
        const failure = await errorOf(
          stub()
            .client()
            .updateContact(identifier, { attributes: { NAME: 'Lovelace' } }),
        );
        expect(failure).toBeInstanceOf(BrevoError);
        const shown = inspect(failure, { depth: 10, showHidden: true });
        for (const secret of [/hopper/i, /lovelace/i, /xkeysib/i, ...private_])
          expect(shown).not.toMatch(secret);
      }
    },
  );

  it('them when the network fails either', async () => {
    stub().handler = (_request, response) => {
      response.destroy();
      return undefined;
    };
    const client = stub().client();
    const failure = await errorOf(
      client.updateContact({ kind: 'email', value: PERSON }, { attributes: { NAME: 'Grace' } }),
    );
    const shown = inspect(failure, { depth: 10, showHidden: true });
    for (const secret of [...private_, /Grace/, /api-key/]) expect(shown).not.toMatch(secret);
    expect((failure as Error).cause).toBeUndefined();
    expect(inspect(client, { depth: 20 })).not.toContain(API_KEY);
  });

  it.each(['Frédéric-Ünal', 'Ada', 'xyz'])('an attribute text that we sent: %s', async (text) => {
    const message = `attribute FIRSTNAME cannot be ${text}`;
    stub().answer({ status: 400, body: { code: 'invalid_parameter', message } });
    const attributes = { FIRSTNAME: text, TOPICS: ['news', text] };
    for (const failure of [
      await errorOf(stub().client().updateContact(ADA, { attributes })),
      await errorOf(stub().client().createContact({ identifier: ADA, attributes })),
    ]) {
      expect((failure as Error).message).toContain('attribute FIRSTNAME cannot be «…»');
    }
  });

  it('what the caller names as private, though it is not sent', async () => {
    const message = 'ext_id shop-customer-ada is taken';
    stub().answer({ status: 400, body: { code: 'invalid_parameter', message } });
    const contact: Identifier = { kind: 'contact_id', value: '4711' };
    const failure = await errorOf(
      stub()
        .client()
        .updateContact(contact, {}, { secrets: ['shop-customer-ada'] }),
    );
    expect((failure as Error).message).toContain('ext_id «…» is taken');
  });

  it('a word less for an attribute of two letters, which is a word of Brevo more often', async () => {
    stub().answer({ status: 400, body: { code: 'invalid_parameter', message: 'it is no date' } });
    const failure = await errorOf(
      stub()
        .client()
        .updateContact(ADA, { attributes: { ANSWER: 'no' } }),
    );
    expect((failure as Error).message).toContain('it is no date');
  });

  it('a short contact id where it stands for itself, and leaves other numbers readable', async () => {
    stub().answer({ status: 400, body: { code: 'invalid_parameter', message: 'contact 4 has 40 lists' } });
    const failure = await errorOf(stub().client().updateContact({ kind: 'contact_id', value: '4' }, {}));
    expect((failure as Error).message).toContain('contact «…» has 40 lists');
  });

  it('nothing of an HTML page but its title, while our own blocked IP address stays readable', async () => {
    stub().answer({ status: 502, body: HTML });
    expect(((await errorOf(put())) as Error).message).toMatch(/502 Bad Gateway$/);
    stub().answer(json(401, 'unauthorized', 'unrecognised IP address 203.0.113.77 (2026-11-05)'));
    expect(((await errorOf(put())) as Error).message).toContain('203.0.113.77');
  });
});
