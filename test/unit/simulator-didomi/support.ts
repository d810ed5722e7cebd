import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import {
  type DidomiSimulator,
  type DidomiSimulatorOptions,
  startDidomiSimulator,
} from '../../../simulator/didomi';

export const CREDENTIALS = { organizationId: 'acme', apiKey: 'didomi-key', apiSecret: 'didomi-secret' };

/** A simulator for the tests of one file, reset before each, and a client without any knowledge of Didomi. */
export function simulatorForTests(options: Partial<DidomiSimulatorOptions> = {}) {
  let simulator: DidomiSimulator | undefined;
  let token = '';
  beforeAll(async () => {
    simulator = await startDidomiSimulator({ ...CREDENTIALS, requestsPer15Seconds: 0, ...options });
  });
  beforeEach(async () => {
    simulator?.reset();
    token = (await login()).json.access_token;
    simulator?.clearCalls();
  });
  afterAll(() => simulator?.close());

  const running = (): DidomiSimulator => {
    if (simulator === undefined) throw new Error('The simulator is not started.');
    return simulator;
  };
  const login = (changes: object = {}) => {
    const { apiKey: key, apiSecret: secret } = CREDENTIALS;
    return send(running().url, 'POST', '/sessions', { type: 'api-key', key, secret, ...changes });
  };
  /** A call of the API for the organization, with a token. */
  const call = (method: string, path: string, body?: unknown) => {
    const query = `${path.includes('?') ? '&' : '?'}organization_id=${CREDENTIALS.organizationId}`;
    return send(running().url, method, path + query, body, token);
  };
  const control = (method: string, path: string, body?: unknown) =>
    send(running().controlUrl, method, path, body);
  return { running, login, call, control };
}

export async function send(base: string, method: string, path: string, body?: unknown, token?: string) {
  const response = await fetch(base + path, {
    method,
    redirect: 'manual',
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

/** Undefined when the text is no JSON. Without a type, as tests read answers like a client that knows no types. */
function parsed(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An event of a purpose, as it is posted. */
export function choice(purpose: string, enabled: boolean | null, rest: object = {}) {
  return {
    created_at: '2026-03-04T09:15:02Z',
    user: { id: 'u-1', organization_user_id: 'ana@example.com' },
    consents: { purposes: [{ id: purpose, enabled }] },
    ...rest,
  };
}
