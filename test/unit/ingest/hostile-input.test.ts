import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { INTEGRATION, ingestForTests, message } from './support';

const ingest = ingestForTests();

describe('a body that is not JSON', () => {
  test.each([
    ['a text', 'ana@example.com', { line: 1, column: 1 }],
    ['cut off', '{"type": "event.created",', { line: 1, column: 26 }],
    ['broken in its second line', '{\n  "type": ana@example.com\n}', { line: 2, column: 11 }],
    ['with a comma too many', '{"type": "x",}', { line: 1, column: 14 }],
    ['white space', ' \n ', { line: 2, column: 2 }],
    ['two messages behind each other', '{}\n{}', { line: 2, column: 1 }],
    ['a form', 'type=event.created&user=ana%40example.com', { line: 1 }],
    ['a comment', '{} // ana@example.com', { line: 1, column: 4 }],
  ])('(%s) is a 400 that says where and repeats nothing of it', async (_what, body, position) => {
    const { post, log } = await ingest();
    const { status, headers, json, text } = await post(body);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(json).toMatchObject({ type: 'urn:consent-sync:problem:not-json', title: 'Not JSON', status: 400 });
    expect(json).toMatchObject(position);
    expect(text + JSON.stringify(log)).not.toContain('ana');
  });

  test('(nothing) is a 400', async () => {
    const { post, get } = await ingest();
    expect((await post('')).json).toMatchObject({ status: 400, title: 'Not JSON' });
    const headers = { 'content-type': 'application/json' };
    expect((await get('/webhooks/didomi', { method: 'POST', headers })).status).toBe(400);
  });

  test('(not UTF-8) is a 400, and nothing is guessed', async () => {
    const { post, signals } = await ingest();
    const latin1 = Buffer.from(JSON.stringify(message({ user: 'élodie@example.com' })), 'latin1');
    expect((await post(latin1)).json).toMatchObject({ status: 400, detail: 'The body is not UTF-8.' });
    expect(signals).toEqual([]);
  });
});

describe('a body that is JSON but no message', () => {
  test.each([
    ['null', 'message'],
    ['42', 'message'],
    ['"event.created"', 'message'],
    ['{}', 'type'],
    ['[[]]', 'message'],
    ['{"type":"event.created"}', 'parameters.entity'],
    ['{"type":"event.created","parameters":[]}', 'parameters'],
  ])('(%s) is a 400 that names what is wrong', async (body, field) => {
    const { post } = await ingest();
    const { status, json } = await post(body);
    expect(status).toBe(400);
    expect(json).toMatchObject({ type: 'urn:consent-sync:problem:not-a-didomi-message', field });
  });

  test('(an array with one bad element) is a 400 that names the element, and nothing of the array is taken', async () => {
    const { post, signals } = await ingest();
    const bad = message({ id: 'bad', entity: { created_at: 'ana@example.com' } });
    const { status, json, text } = await post([message({ id: 'one' }), bad, message({ id: 'three' })]);
    expect(status).toBe(400);
    expect(json).toMatchObject({ index: 1, field: 'parameters.entity.created_at' });
    expect(json.detail).toMatch(
      /^message 1: parameters\.entity\.created_at .*Nothing of this request was taken\.$/,
    );
    expect(text).not.toContain('ana');
    expect(signals).toEqual([]);
  });

  test('leaves names of fields out of the log that could identify a person', async () => {
    const { post, log } = await ingest();
    const values = { 'ana@example.com': { value: 7 } };
    const consents = { purposes: [{ id: 'newsletter', values }] };
    const { status } = await post(message({ entity: { consents } }));
    expect(status).toBe(400);
    expect(JSON.stringify(log)).not.toContain('ana@');
  });
});

describe('a body that is too much', () => {
  const limited = { config: { ...INTEGRATION, ingest: { max_body_bytes: 2_048 } } };

  test('(10 MB) is a 413, and the service goes on', async () => {
    const { post } = await ingest();
    const { status, json } = await post(Buffer.alloc(10_000_000, ' '));
    expect(status).toBe(413);
    expect(json.detail).toContain('1048576 bytes');
    expect((await post(message({}))).status).toBe(202);
  });

  test('(10 MB without a length) is a 413 that the sender gets to see', async () => {
    const { get } = await ingest(limited);
    const chunks = async function* () {
      for (let sent = 0; sent < 100; sent += 1) yield Buffer.alloc(100_000, ' ');
    };
    const { status } = await get('/webhooks/didomi', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: chunks() as unknown as string,
      duplex: 'half',
    } as RequestInit);
    expect(status).toBe(413);
  });

  test('is one byte more than the limit', async () => {
    const { post } = await ingest(limited);
    const text = JSON.stringify(message({}));
    expect((await post(text.padEnd(2_048))).status).toBe(202);
    expect((await post(text.padEnd(2_049))).status).toBe(413);
  });
});

describe('a body of another kind', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=iso-8859-1',
    'application/x-ndjson',
    'application/jsonp',
    'multipart/form-data; boundary=application/json',
    'json',
    ';;',
  ])('(%s) is a 415', async (type) => {
    const { post, signals } = await ingest();
    const { status, headers } = await post(message({}), { 'content-type': type });
    expect(status).toBe(415);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(signals).toEqual([]);
  });

  test('(without a Content-Type) is a 415', async () => {
    const { get } = await ingest();
    const body = Buffer.from(JSON.stringify(message({})));
    const { status, headers } = await get('/webhooks/didomi', { method: 'POST', body });
    expect(status).toBe(415);
    expect(headers.get('accept')).toBe('application/json');
  });

  test('(compressed) is a 415 that asks for plain JSON', async () => {
    const { post } = await ingest();
    const body = gzipSync(JSON.stringify(message({})));
    const { status, headers } = await post(body, { 'content-encoding': 'gzip' });
    expect(status).toBe(415);
    expect(headers.get('accept-encoding')).toBe('identity');
  });
});

describe('an opt-out is not lost', () => {
  const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);
  const withMetadata = (metadata: string) =>
    JSON.stringify(message({ entity: { metadata: 'HERE' } })).replace('"HERE"', metadata);

  test.each([
    ['arrays nested 100,000 deep', nested(100_000, '[', ']')],
    ['objects nested 100,000 deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['the key __proto__', '{"__proto__": {"consents": {"purposes": []}, "status": "pending_approval"}}'],
    ['the key constructor', '{"constructor": {"prototype": {"status": "pending_approval"}}}'],
    ['a NUL and characters of 4 bytes', '{"note\\u0000": "\\u0000 🦆"}'],
    ['half a character', '{"note": "\\ud83e"}'],
  ])('for %s in its metadata', async (_what, metadata) => {
    const { post, signals } = await ingest();
    const { status, json } = await post(withMetadata(metadata));
    expect(json).toMatchObject({ accepted: 1 });
    expect(status).toBe(202);
    expect(signals[0]?.change.statements).toHaveLength(1);
    expect(JSON.stringify(signals[0]?.change.statements)).toContain('"value":false');
  });

  test.each(['__proto__', 'constructor', 'a_b__c'])(
    'for being about a purpose called %s',
    async (purpose) => {
      const { post, signals } = await ingest();
      expect((await post(message({ purpose }))).json).toMatchObject({ accepted: 1 });
      const [statement] = signals[0]?.change.statements ?? [];
      expect(statement).toMatchObject({ path: `consents_purposes_${purpose}_enabled` });
      expect(JSON.stringify(statement)).toContain('"value":false');
    },
  );

  test.each(['"__proto__"', '"constructor"'])('for the key %s beside what is known', async (key) => {
    const { post, signals } = await ingest();
    const beside = `${key}: {"enabled": true, "status": "pending_approval"}`;
    const atTop = JSON.stringify(message({})).replace('{', `{${beside},`);
    expect((await post(atTop)).json).toMatchObject({ accepted: 1 });
    const inPurpose = JSON.stringify(message({})).replace('"enabled":false', `"enabled":false,${beside}`);
    expect((await post(inPurpose)).json).toMatchObject({ accepted: 1 });
    expect(signals).toHaveLength(2);
    expect(({} as Record<string, unknown>).status).toBeUndefined();
  });

  test.each(['__proto__', 'constructor', 'h\u0000', '🦆', 'ana@example.com', 'x'.repeat(512)])(
    'for its event id %j',
    async (id) => {
      const { post, log } = await ingest();
      const { status, json } = await post(message({ id }));
      expect(status).toBe(202);
      expect(json).toMatchObject({ accepted: 1, results: [{ eventId: id }] });
      if (!/^[\w-]{1,64}$/.test(id))
        expect(JSON.stringify(log)).not.toContain(JSON.stringify(id).slice(1, -1));
    },
  );
});

test('nesting that is no message is a 400, and the service goes on', async () => {
  const { post } = await ingest();
  const deep = '['.repeat(500_000) + ']'.repeat(500_000);
  expect((await post(deep)).json).toMatchObject({ status: 400, field: 'message', index: 0 });
  expect((await post('['.repeat(1_000_000))).json).toMatchObject({ status: 400, title: 'Not JSON' });
  expect((await post(message({}))).status).toBe(202);
});

describe('the identifier of a contact', () => {
  const byEmail = { config: { ...INTEGRATION, options: { identifier: 'email' } } };

  test.each([
    ['abc.com', 'unusable_identifier'],
    ['x'.repeat(500), 'unusable_identifier'],
    [`${'x'.repeat(243)}@example.com`, 'unusable_identifier'],
    ['ana\u0000@example.com', 'unusable_identifier'],
    ['ana@example.com\u0000', 'unusable_identifier'],
    ['ana\ud83e@example.com', 'unusable_identifier'],
    ['', 'no_organization_user_id'],
    ['  ', 'no_organization_user_id'],
    [null, 'no_organization_user_id'],
  ])('%j is ignored as %s, and Temporal is not called', async (user, reason) => {
    const { post, signals, log } = await ingest(byEmail);
    const { status, json } = await post(message({ user }));
    expect(status).toBe(202);
    expect(json).toEqual({
      accepted: 0,
      ignored: 1,
      results: [{ index: 0, eventId: 'event-1', integration: 'default', status: 'ignored', reason }],
    });
    expect(signals).toEqual([]);
    if (user?.trim()) expect(JSON.stringify(log)).not.toContain(JSON.stringify(user).slice(1, -1));
  });

  test('of another type than text is a 400', async () => {
    const { post } = await ingest();
    const { status, json } = await post(message({ user: { $gt: '' } }));
    expect(status).toBe(400);
    expect(json).toMatchObject({ field: 'parameters.entity.user.organization_user_id' });
  });

  test('may hold characters of 4 bytes, and is kept as it is', async () => {
    const { post, signals } = await ingest();
    await post(message({ user: 'duck-🦆-𝔘' }));
    expect(signals[0]?.identifier).toEqual({ kind: 'ext_id', value: 'duck-🦆-𝔘' });
  });
});
