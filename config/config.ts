import type { Rules } from '../consent/rules';
import type { Network } from './networks';

export const ON_USER_DELETED = ['ignore', 'forget'] as const;
export type OnUserDeleted = (typeof ON_USER_DELETED)[number];

/** One Brevo account fed from Didomi. */
export interface Integration {
  readonly rules: Rules;
  /** Not enumerable: JSON.stringify, util.inspect, loggers and copies of this object leave it out. */
  readonly apiKey: string;
  /** What a user deleted in Didomi means: nothing but that Didomi may be asked, or that the contact is forgotten. */
  readonly onUserDeleted: OnUserDeleted;
  /** Highest rate towards this Brevo account; integrations with the same key share it. */
  readonly requestsPerSecond: number;
}

export type IngestAuth =
  | { readonly type: 'none' }
  | {
      readonly type: 'bearer';
      /** Not enumerable, like {@link Integration.apiKey}. */
      readonly token: string;
    }
  | {
      /** Callers fetch a token here, by OAuth 2 client credentials. */
      readonly type: 'oauth';
      /** Never empty. A client stands here once a secret. */
      readonly clients: readonly OAuthClient[];
    }
  | ({ readonly type: 'jwt' } & ExternalIssuer);

export interface OAuthClient {
  readonly id: string;
  /** Not enumerable, like {@link Integration.apiKey}. */
  readonly secret: string;
}

/** Somebody else who gives callers their tokens. */
export interface ExternalIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** https, or http on this machine. */
  readonly jwksUrl: string;
}

/** Paths of files in PEM form, as the file says: they count from the current folder. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export interface IngestSettings {
  /** As the file says; the environment may overrule it: see `listenAddress`. */
  readonly host: string;
  /** As the file says, 0 for any free port; the environment may overrule it: see `listenAddress`. */
  readonly port: number;
  readonly auth: IngestAuth;
  /** Whose requests are taken; absent: everybody's. */
  readonly allowedIps?: readonly Network[];
  /** Whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly Network[];
  readonly maxBodyBytes: number;
  /** Absent: plain HTTP. */
  readonly tls?: TlsFiles;
}

interface TemporalSettings {
  readonly taskQueue: string;
}

export interface EncryptionKey {
  /** Names the key in what it encrypted; no secret. */
  readonly id: string;
  /** 32 bytes in base64. Not enumerable, like {@link Integration.apiKey}. */
  readonly key: string;
}

export interface EncryptionSettings {
  /** The first encrypts, all decrypt; never empty. */
  readonly keys: readonly [EncryptionKey, ...EncryptionKey[]];
  /** What was stored in Temporal without encryption is read all the same. */
  readonly acceptUnencrypted: boolean;
}

/** Access to the REST API of one Didomi organization. */
export interface DidomiAccess {
  readonly organizationId: string;
  /** Not enumerable, like {@link Integration.apiKey}. */
  readonly apiKey: string;
  /** Not enumerable, like {@link Integration.apiKey}. */
  readonly apiSecret: string;
  /** Base with the version, without a slash at its end. */
  readonly apiUrl: string;
}

/** A configuration in which everything has been checked and every default filled in. */
export interface Config {
  /** The file as the user named it, or `configuration object`. */
  readonly source: string;
  /** By name, in the order of the file; never empty. */
  readonly integrations: ReadonlyMap<string, Integration>;
  readonly ingest: IngestSettings;
  readonly temporal: TemporalSettings;
  /** Absent: nothing is encrypted by us. */
  readonly encryption?: EncryptionSettings;
  /** Absent: Didomi's API may not be asked, and messages that need it are ignored. */
  readonly didomi?: DidomiAccess;
}
