import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readTokenRequest } from '../../../ingest/oauth/token-request';
import { ask, basic, CLIENT, encodedBasic, FORM, GRANT, inBody, issuingTo } from './oauth-support';
import { ingestForTests } from './support';

const ingest = ingestForTests();
const JSON_TYPE = 'application/json';

const word = (characters: string) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: 40 });
const PRINTABLE = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join('');
const client = fc.record({ id: word(PRINTABLE.replace(':', '')), secret: word(PRINTABLE) });

const name = fc.constantFrom(
  'grant_type',
  'client_id',
  'client_secret',
  'scope',
  '__proto__',
  'constructor',
  'x',
  '',
);
const value = fc.oneof(
  fc.constantFrom('client_credentials', CLIENT.id, CLIENT.secret, '', '%', '+'),
  fc.string(),
);
const form = fc.array(fc.tuple(name, value)).map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));
const json = fc
  .array(fc.tuple(name, fc.oneof(value, fc.jsonValue({ maxDepth: 3 }))))
  .map((pairs) => `{${pairs.map((pair) => pair.map((one) => JSON.stringify(one)).join(':')).join()}}`);
describe('a token request', () => {
  test('names the client that was meant, in every way to say it', () => {
    fc.assert(
      fc.property(client, (one) => {
        const { id: client_id, secret: client_secret } = one;
        const asJson = JSON.stringify({ grant_type: 'client_credentials', client_id, client_secret });
        for (const [bytes, type, header] of [
          [inBody(one), FORM, undefined],
          [asJson, JSON_TYPE, undefined],
          [GRANT, FORM, basic(one)],
          [GRANT, FORM, encodedBasic(one)],
        ] as const) {
          expect(readTokenRequest(Buffer.from(bytes), type, header).candidates).toContainEqual(one);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('never gets a token without the secret, and never an error of the service', async () => {
    const running = await ingest({ ...issuingTo([CLIENT]) });
    const header = fc.oneof(
      fc.constantFrom('Basic', 'Bearer x'),
      fc.base64String().map((text) => `Basic ${text}`),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(form, json),
        fc.constantFrom(FORM, JSON_TYPE),
        header,
        async (text, type, given) => {
          fc.pre(!text.includes(CLIENT.secret.slice(0, 8)));
          const { status, json: answer } = await ask(running, text, {
            'content-type': type,
            authorization: given,
          });
          expect([400, 401, 429]).toContain(status);
          expect(answer).toEqual({ error: expect.any(String), error_description: expect.any(String) });
        },
      ),
      { numRuns: 300 },
    );
  });
});
