import { Client, type ClientOptions } from '@temporalio/client';
import type { Config } from '../config';
import { conversion } from '../encryption/data-converter';
import { EncryptionCodec } from '../encryption/payload-codec';
import { traceCalls } from './tracing';

/** A client of Temporal that encrypts where the configuration says so. */
export function temporalClient(
  config: Pick<Config, 'encryption'>,
  options: Pick<ClientOptions, 'connection' | 'namespace'>,
): Client {
  return new Client({ ...options, interceptors: { workflow: [traceCalls] }, ...conversion(config) });
}

/**
 * The same connection and namespace, through a client that encrypts where the configuration says so: one that was made
 * elsewhere would write plain text. Its data converter is not used then; without encryption it is taken as it is.
 */
export function encrypting(config: Pick<Config, 'encryption'>, given: Client): Client {
  if (!config.encryption) return given;
  const { connection, options } = given;
  const { namespace, identity, interceptors, loadedDataConverter } = options;
  if (loadedDataConverter.payloadCodecs.some((codec) => codec instanceof EncryptionCodec)) return given;
  return new Client({ connection, namespace, identity, interceptors, ...conversion(config) });
}
