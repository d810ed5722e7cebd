import { connect } from 'node:net';
import { MARKERS, personOf } from './persons';

export interface Exchange {
  readonly what: string;
  readonly answer: string;
  /** The answer names a field or an event of what was sent. */
  readonly names: boolean;
}

/** What is at fault is told to who sent it, and to nobody else. */
const NAMING: ReadonlySet<string> = new Set(['names of fields', 'an unknown type', 'nobody who could be']);

const { refused } = MARKERS;
const WHO = personOf('refused');

interface Request {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Requests that are refused, each for another reason, with markers in every part of them. */
function requests(authorization: string): Record<string, Request> {
  const json = { authorization, 'content-type': 'application/json' };
  const broken = `{"type":"event.created","who":"${WHO} ${refused}"`;
  const wrong = (entity: object) => JSON.stringify({ type: 'event.created', parameters: { entity } });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    'not JSON': { headers: json, body: broken },
    'a text': { headers: json, body: `${WHO} ${refused}` },
    'a time that is none': { headers: json, body: wrong({ id: 'e', created_at: `${WHO} ${refused}` }) },
    'names of fields': {
      headers: json,
      body: wrong({
        id: 'e',
        created_at: '2026-03-04T09:15:02Z',
        consents: { purposes: [{ id: refused, values: { [WHO]: { value: 7 } } }] },
      }),
    },
    'flattened keys in doubt': {
      headers: json,
      body: wrong({ id: 'e', [`consents__purposes__${refused}__enabled`]: true, consents: { purposes: [] } }),
    },
    'an unknown type': {
      headers: json,
      body: JSON.stringify({ type: refused, parameters: { entity: { id: WHO } } }),
    },
    'nobody who could be': {
      headers: json,
      body: wrong({
        id: `${refused}@example.com`,
        created_at: '2026-03-04T09:15:02Z',
        user: { organization_user_id: `${refused}\u0000` },
        consents: { purposes: [{ id: 'newsletter', enabled: true }] },
      }),
    },
    'too large': { headers: json, body: JSON.stringify({ [refused]: WHO.repeat(2_000) }) },
    'another media type': { headers: { authorization, 'content-type': `text/${refused}` }, body: broken },
    'another charset': {
      headers: { authorization, 'content-type': `application/json; charset=${refused}` },
      body: broken,
    },
    compressed: { headers: { ...json, 'content-encoding': refused }, body: broken },
    'no token': { headers: { 'content-type': 'application/json' }, body: broken },
    'a strange token': { headers: { ...json, authorization: `Bearer ${refused}` }, body: broken },
    'a changed token': { headers: { ...json, authorization: `${authorization}${refused}` }, body: broken },
    'Basic instead': {
      headers: { ...json, authorization: `Basic ${btoa(`${refused}:${MARKERS.clientSecret}`)}` },
      body: broken,
    },
    'another path': {
      path: `/${refused}/${encodeURIComponent(WHO)}?key=${refused}`,
      headers: json,
      body: broken,
    },
    'a query': {
      path: `/webhooks/didomi?email=${encodeURIComponent(WHO)}&key=${refused}`,
      headers: json,
      body: broken,
    },
    'another method': {
      method: 'PUT',
      headers: { ...json, 'x-forwarded-for': refused, 'user-agent': refused },
      body: broken,
    },
    'an encoding that is none': { path: `/%zz${refused}`, headers: json, body: broken },
    'a wrong secret': {
      path: '/oauth/token',
      headers: form,
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: refused,
        client_secret: `${refused}x`,
      }).toString(),
    },
    'another grant': {
      path: '/oauth/token',
      headers: form,
      body: new URLSearchParams({
        grant_type: refused,
        client_id: 'didomi',
        client_secret: MARKERS.clientSecret,
      }).toString(),
    },
    'a token request that is no JSON': {
      path: '/oauth/token',
      headers: { 'content-type': 'application/json' },
      body: `{"client_secret":"${MARKERS.clientSecret}", ${refused}`,
    },
  };
}

/** Sends them all. */
export async function sendHostile(base: string, authorization: string): Promise<Exchange[]> {
  const sent = Object.entries(requests(authorization)).map(async ([what, request]): Promise<Exchange> => {
    const { path = '/webhooks/didomi', method = 'POST', headers = {}, body } = request;
    const response = await fetch(`${base}${path}`, { method, headers, ...(body !== undefined && { body }) });
    const head = JSON.stringify([...response.headers]);
    return { what, answer: `${response.status} ${head} ${await response.text()}`, names: NAMING.has(what) };
  });
  const noHttp = [
    `${refused} ${WHO}\r\n\r\n`,
    `POST /${refused} HTTP/1.1\r\nx: ${'y'.repeat(40_000)}${refused}\r\n\r\n`,
  ];
  const raw = noHttp.map(
    async (text): Promise<Exchange> => ({
      what: 'no HTTP',
      answer: await rawly(base, text),
      names: false,
    }),
  );
  return Promise.all([...sent, ...raw]);
}

function rawly(base: string, text: string): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(answer));
  });
}
