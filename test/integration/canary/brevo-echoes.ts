import type { Fault } from '../../../simulator/fault-kinds';
import { KEY, MARKERS, OTHER_KEY, personOf } from './persons';

type When = 'looked-up' | 'written';

/** All that a server could repeat of what it was sent. */
function echoOf(person: string, when: When): string {
  const key = `api-key: ${KEY} ${OTHER_KEY}`;
  const name = encodeURIComponent(person.toLowerCase());
  const call = `/v3/contacts/${name}?identifierType=email_id ${person} ${person.toLowerCase()} ${key} +${MARKERS.phone}`;
  return when === 'looked-up' ? `GET ${call}` : `POST ${call} {"FREQUENCY_TEXT":"${MARKERS.mappedValue}"}`;
}

type Trouble = (echo: string, person: string, word: string) => Fault;

/** What goes wrong with one call about a contact, and repeats whatever it can. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  refused: (message) => ({ kind: 'status', status: 400, code: 'invalid_parameter', message }),
  'code-is-key': (message) => ({
    kind: 'status',
    status: 400,
    code: KEY,
    message,
    headers: { 'sib-request-id': KEY },
  }),
  unprocessable: (message, _, code) => ({ kind: 'status', status: 422, code, message }),
  duplicate: (message, person) => ({
    kind: 'status',
    status: 409,
    body: { code: 'duplicate_parameter', message, metadata: { duplicate_identifiers: ['email', person] } },
  }),
  'not-found': (message) => ({ kind: 'status', status: 404, body: `<html><title>${message}</title></html>` }),
  'no-such-contact': (message) => ({ kind: 'status', status: 404, code: 'document_not_found', message }),
  'too-early': (message) => ({ kind: 'status', status: 425, message }),
  limited: (message) => ({
    kind: 'status',
    status: 429,
    code: 'too_many_requests',
    message,
    resetSeconds: 1,
  }),
  page: (message) => ({
    kind: 'status',
    status: 500,
    body: `<!DOCTYPE html><html><head><title>${message}</title></head><body><pre>${message}</pre></body></html>`,
  }),
  gateway: (message, _, word) => ({
    kind: 'status',
    status: 502,
    body: message,
    headers: { 'cf-ray': word },
  }),
  'error-in-ok': (message) => ({ kind: 'status', status: 200, body: { code: 'x', message } }),
  'strange-ok': (message) => ({
    kind: 'status',
    status: 200,
    body: { id: message, emailBlacklisted: message, [message]: 1 },
  }),
  'half-json': (message) => ({ kind: 'status', status: 201, body: `{"id": ${message}` }),
  elsewhere: (message) => ({
    kind: 'redirect',
    location: `https://127.0.0.1:1/?${encodeURIComponent(message)}`,
  }),
  dropped: () => ({ kind: 'dropBefore' }),
  'dropped-when-done': () => ({ kind: 'dropAfterCommit' }),
  half: () => ({ kind: 'halfBody' }),
};

export interface Troubled {
  readonly person: string;
  readonly fault: Fault;
}

/** People, each with a trouble of their own: when they are looked up, and when they are written. */
export function troubledPeople(): Troubled[] {
  return Object.entries(TROUBLES).flatMap(([name, trouble]) =>
    (['looked-up', 'written'] as const).map((when) => {
      const person = personOf(`${name}.${when}`);
      const local = `${MARKERS.email}.${name}.${when}`.toLowerCase();
      const word = when === 'looked-up' ? 'of_nobody' : MARKERS.mappedValue;
      const match = when === 'looked-up' ? { method: 'GET', path: local } : { method: 'POST', body: local };
      return { person, fault: { ...trouble(echoOf(person, when), person, word), match, times: 1 } as Fault };
    }),
  );
}

/** Brevo takes the mapped value no more, and says so at length. */
export function refusalOf(person: string): Fault {
  const message = echoOf(person, 'written');
  const match = { body: MARKERS.mappedValue };
  return { kind: 'status', status: 400, code: 'invalid_parameter', message, match };
}

/** Brevo accepts the key of those who are known by e-mail no more, and the address of those by telephone. */
export function accountTroubles(): Fault[] {
  const echo = echoOf(personOf('held'), 'looked-up');
  return [
    {
      kind: 'status',
      status: 401,
      code: 'unauthorized',
      message: `Key not found: ${echo}`,
      match: { path: 'identifierType=email_id' },
      times: 1,
    },
    {
      kind: 'status',
      status: 403,
      code: KEY,
      message: `unrecognised IP address of ${echo}`,
      match: { path: 'identifierType=phone_id' },
      times: 1,
    },
  ];
}
