import { parseTree } from 'jsonc-parser';
import { invalidClient, invalidRequest } from './oauth-error';

/** An id and a secret as a client gives them. */
export interface Credentials {
  readonly id: string;
  readonly secret: string;
}

export interface TokenRequest {
  readonly grantType: string;
  /** Whom the caller says to be, in every way that what it sent can be read; never empty. */
  readonly candidates: readonly Credentials[];
}

/** The parameters that mean something here; others are ignored (RFC 6749 §3.2). */
const PARAMETERS = ['grant_type', 'client_id', 'client_secret', 'scope'] as const;
type Parameters = ReadonlyMap<(typeof PARAMETERS)[number], string>;

const FORM = 'application/x-www-form-urlencoded';

/**
 * Reads a token request (RFC 6749 §4.4.2): a form, or the same parameters in a JSON object. The client authenticates
 * itself with HTTP Basic or by parameters.
 *
 * @param contentType the header; without one the body tells which of the two it is
 * @throws OAuthError `invalid_request`, or `invalid_client` when the client does not say who it is
 */
export function readTokenRequest(
  body: Uint8Array,
  contentType: string | undefined,
  authorization: string | undefined,
): TokenRequest {
  const parameters = readParameters(body, contentType);
  const grantType = parameters.get('grant_type');
  if (grantType === undefined) throw invalidRequest('The parameter grant_type is missing.');
  return { grantType, candidates: readCredentials(parameters, authorization) };
}

function readParameters(body: Uint8Array, contentType: string | undefined): Parameters {
  const text = decode(body);
  const mediaType = contentType?.split(';', 1).join('').trim().toLowerCase();
  if (mediaType === 'application/json') return fromJson(text);
  if (mediaType === FORM) return fromForm(text);
  if (mediaType !== undefined) {
    throw invalidRequest(`The Content-Type is neither ${FORM} nor application/json.`, 415);
  }
  return text.trimStart().startsWith('{') ? fromJson(text) : fromForm(text);
}

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw invalidRequest('The body is not UTF-8.');
  }
}

function fromForm(text: string): Parameters {
  const form = new URLSearchParams(text);
  return collect((name) => form.getAll(name));
}

function fromJson(text: string): Parameters {
  const read = parsed(text);
  // JSON.parse keeps only the last of two keys with one name.
  const keys = (parseTree(text)?.children ?? []).map(({ children }) => String(children?.[0]?.value));
  return collect((name) => {
    if (!Object.hasOwn(read, name)) return [];
    // Clients write null for what they have no value for.
    const value = read[name] ?? '';
    if (typeof value !== 'string') throw invalidRequest(`The parameter ${name} has to be a text.`);
    return keys.filter((key) => key === name).map(() => value);
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidRequest('The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidRequest('The body is not a JSON object.');
  }
  return { ...value };
}

/** A parameter without a value counts as left out; twice the same one is an error (RFC 6749 §3.2). */
function collect(valuesOf: (name: (typeof PARAMETERS)[number]) => readonly string[]): Parameters {
  const found = new Map<(typeof PARAMETERS)[number], string>();
  for (const name of PARAMETERS) {
    const [value, ...more] = valuesOf(name);
    if (more.length > 0) throw invalidRequest(`The parameter ${name} is there more than once.`);
    if (value !== undefined && value !== '') found.set(name, value);
  }
  return found;
}

function readCredentials(parameters: Parameters, authorization: string | undefined): Credentials[] {
  const id = parameters.get('client_id');
  const secret = parameters.get('client_secret');
  const basic = /^Basic(?: +(.*))?$/i.exec(authorization ?? '');
  if (basic) {
    if (secret !== undefined) {
      throw invalidRequest('The client authenticates itself twice: with HTTP Basic and with client_secret.');
    }
    const candidates = fromBasic(basic[1] ?? '');
    if (id !== undefined && !candidates.some((one) => one.id === id)) {
      throw invalidRequest('The parameter client_id and HTTP Basic name different clients.');
    }
    return candidates;
  }
  if (id === undefined || secret === undefined) {
    throw invalidClient(
      'Send id and secret of the client: with HTTP Basic, or as client_id and client_secret.',
    );
  }
  return [{ id, secret }];
}

/** RFC 6749 §2.3.1 has both parts form-encoded before they are joined; many clients join them as they are. */
function fromBasic(encoded: string): Credentials[] {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) throw invalidClient('What follows Basic is not base64 of an id, a colon and a secret.');
  const plain = { id: text.slice(0, colon), secret: text.slice(colon + 1) };
  const id = formDecoded(plain.id);
  const secret = formDecoded(plain.secret);
  const encodedToo = id !== undefined && secret !== undefined && (id !== plain.id || secret !== plain.secret);
  return encodedToo ? [plain, { id, secret }] : [plain];
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
