import { type Answer, INTEGRATION, type Ingest } from './support';

export const CLIENT = { id: 'didomi', secret: 'a-secret-of-didomi/with+signs%41' };
export const NEXT = { id: 'didomi', secret: 'the-next-secret-of-didomi' };
export const OTHER = { id: 'shop', secret: 'a-secret-of-somebody-else' };

export interface Client {
  readonly id: string;
  readonly secret: string;
}

/** A configuration in which these clients may fetch tokens. */
export function issuingTo(clients: readonly Client[], ingest: object = {}): { config: object } {
  return { config: { ...INTEGRATION, ingest: { auth: { type: 'oauth', clients }, ...ingest } } };
}

export const FORM = 'application/x-www-form-urlencoded';
export const GRANT = 'grant_type=client_credentials';

/** As most clients do it. */
export function basic({ id, secret }: Client): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

/** As RFC 6749 §2.3.1 has it. */
export function encodedBasic({ id, secret }: Client): string {
  return basic({ id: encodeURIComponent(id), secret: encodeURIComponent(secret) });
}

export function inBody({ id, secret }: Client): string {
  return new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: id,
    client_secret: secret,
  }).toString();
}

export function ask(
  { get }: Pick<Ingest, 'get'>,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return get('/oauth/token', {
    method: 'POST',
    headers: { 'content-type': FORM, ...headers },
    body: body as string,
  });
}

/** A header with a token that was just fetched. */
export async function fetched(ingest: Pick<Ingest, 'get'>, client: Client): Promise<string> {
  const { status, json, text } = await ask(ingest, inBody(client));
  if (status !== 200) throw new Error(`no token: ${text}`);
  return `Bearer ${json.access_token}`;
}
