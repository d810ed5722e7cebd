import type { Mapping, Rules } from '../consent/rules';
import { baseUrl } from './base-url';
import type {
  Config,
  DidomiAccess,
  EncryptionKey,
  EncryptionSettings,
  IngestAuth,
  IngestSettings,
  Integration,
} from './config';
import { parseDuration } from './duration';
import { type Network, readNetwork } from './networks';
import { withSecret } from './secrets';
import type { ClassicIntegration, FileSettings, NewerIntegration } from './shapes';

type FileMapping = ClassicIntegration['config']['properties'][number];
type FileOptions = ClassicIntegration['options'];
type ListId = ClassicIntegration['config']['list_id'];

/** Both forms of an integration as one; what the file leaves out has its default by now. */
export function normaliseIntegration(
  name: string,
  integration: ClassicIntegration | NewerIntegration,
  requestsPerSecond: number,
): Integration {
  const { apiKey, listId, mappings } =
    'config' in integration
      ? {
          apiKey: integration.config.api_key,
          listId: integration.config.list_id,
          mappings: integration.config.properties,
        }
      : {
          apiKey: integration.authentication.private_api_key,
          listId: integration.properties.list_id,
          mappings: integration.mappings,
        };
  const rules: Rules = {
    integration: name,
    upsertMode: integration.upsert_mode,
    ...normaliseListId(listId),
    mappings: mappings.map(normaliseMapping),
    ...normaliseOptions(integration.options),
  };
  const onUserDeleted = integration.options.on_user_deleted;
  return withSecret({ rules, onUserDeleted, requestsPerSecond }, 'apiKey', apiKey);
}

/** Brevo's attribute names are upper-case: an id in lower case is the same attribute. */
function normaliseMapping({ id, value, write }: FileMapping): Mapping {
  return { id: id.toUpperCase(), value, ...(write === undefined ? {} : { write }) };
}

function normaliseListId(listId: ListId): Pick<Rules, 'listId'> {
  return listId === undefined ? {} : { listId: Number(listId) };
}

function normaliseOptions(
  options: FileOptions,
): Pick<Rules, 'identifier' | 'regulations' | 'rememberMs' | 'ledgerAttribute' | 'resubscribe' | 'dryRun'> {
  const ledgerAttribute = options.ledger_attribute?.toUpperCase();
  const rememberMs = parseDuration(options.remember);
  if (rememberMs === undefined) throw new TypeError('a duration that was not checked');
  return {
    identifier: options.identifier,
    regulations: [...new Set(options.regulations.map((regulation) => regulation.toLowerCase()))],
    rememberMs,
    ...(ledgerAttribute !== undefined && { ledgerAttribute }),
    resubscribe: options.resubscribe,
    dryRun: options.dry_run,
  };
}

export function normaliseSettings({
  ingest,
  temporal,
  encryption,
  didomi,
}: FileSettings): Pick<Config, 'ingest' | 'temporal' | 'encryption' | 'didomi'> {
  return {
    ingest: normaliseIngest(ingest),
    temporal: { taskQueue: temporal.task_queue },
    ...(encryption !== undefined && { encryption: normaliseEncryption(encryption) }),
    ...(didomi !== undefined && { didomi: normaliseDidomi(didomi) }),
  };
}

function normaliseEncryption({
  keys,
  accept_unencrypted: acceptUnencrypted,
}: NonNullable<FileSettings['encryption']>): EncryptionSettings {
  const [first, ...others] = keys.map(({ id, key, key_file }): EncryptionKey => {
    const secret = key ?? key_file;
    if (secret === undefined) throw new TypeError('a key that was not checked');
    return withSecret({ id }, 'key', secret);
  });
  if (first === undefined) throw new TypeError('a list of keys that was not checked');
  return { keys: [first, ...others], acceptUnencrypted };
}

function normaliseDidomi(access: NonNullable<FileSettings['didomi']>): DidomiAccess {
  const { organization_id: organizationId, api_key: apiKey, api_secret: apiSecret, api_url: apiUrl } = access;
  const shown = { organizationId, apiUrl: baseUrl(apiUrl) };
  return withSecret(withSecret(shown, 'apiKey', apiKey), 'apiSecret', apiSecret);
}

function normaliseIngest(ingest: FileSettings['ingest']): IngestSettings {
  const { host, port, auth, allowed_ips: allowed, trusted_proxies: proxies, tls } = ingest;
  return {
    host,
    port,
    auth: normaliseAuth(auth),
    ...(allowed !== undefined && { allowedIps: allowed.map(normaliseNetwork) }),
    trustedProxies: (proxies ?? []).map(normaliseNetwork),
    maxBodyBytes: ingest.max_body_bytes,
    ...(tls !== undefined && { tls }),
  };
}

function normaliseNetwork(text: string): Network {
  const network = readNetwork(text);
  if (!('family' in network)) throw new TypeError('a network that was not checked');
  return network;
}

function normaliseAuth(auth: FileSettings['ingest']['auth']): IngestAuth {
  switch (auth.type) {
    case 'none':
      return { type: auth.type };
    case 'bearer':
      return withSecret({ type: auth.type }, 'token', auth.token);
    case 'oauth':
      return {
        type: auth.type,
        clients: auth.clients.map(({ id, secret }) => withSecret({ id }, 'secret', secret)),
      };
    case 'jwt': {
      const { type, issuer, audience, jwks_url: jwksUrl } = auth;
      return { type, issuer, audience, jwksUrl };
    }
  }
}
