import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import type { Config } from '../config';
import { EncryptionCodec } from './payload-codec';

/** Where the failure converter lies that belongs to encryption; the bundle of the workflows needs it too. */
export const FAILURE_CONVERTER = join(__dirname, 'failure-converter');

/**
 * How everything that talks to Temporal turns values into what Temporal stores: an option of clients and workers. Where
 * nothing is encrypted it is left out, for Temporal's own way.
 */
export function conversion({ encryption }: Pick<Config, 'encryption'>): { dataConverter?: DataConverter } {
  if (!encryption) return {};
  const payloadCodecs = [new EncryptionCodec(encryption)];
  return { dataConverter: { payloadCodecs, failureConverterPath: FAILURE_CONVERTER } };
}
