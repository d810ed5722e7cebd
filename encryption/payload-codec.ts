import { createHash } from 'node:crypto';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { EncryptionSettings } from '../config';
import { DecryptionError } from './errors';
import { KeyRing } from './key-ring';
import { pack, unpack } from './packing';

const PayloadMessage = temporal.api.common.v1.Payload;

/** As Temporal's own examples name it. */
export const ENCRYPTED = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
/** First byte of the data. */
const VERSION = 1;

/** Inside what is encrypted: a hash of the id of the workflow to which the payload belongs. */
const OWNER = 'owner';
const OWNER_BYTES = 16;
const OF_A_CONTACT = 'consent-sync/';

/**
 * Encrypts payloads whole, with their own metadata, on their way to Temporal.
 *
 * Those of a contact's workflow are bound to it: nobody who can write to Temporal, and has no key, can make one
 * contact's consent another's. Where a payload is decoded outside of any workflow (a codec server), that is not checked.
 */
export class EncryptionCodec implements PayloadCodec {
  private readonly ring: KeyRing;
  private readonly acceptUnencrypted: boolean;

  constructor(settings: EncryptionSettings) {
    this.ring = new KeyRing(settings, 'temporal payload');
    this.acceptUnencrypted = settings.acceptUnencrypted;
  }

  async encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return payloads.map((payload) => this.encrypted(payload, ownerOf(context)));
  }

  /** @throws DecryptionError */
  async decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return payloads.map((payload) => {
      if (isEncrypted(payload)) return this.decrypted(payload, ownerOf(context));
      if (this.acceptUnencrypted) return payload;
      throw new DecryptionError(
        'Temporal holds something that is not encrypted, and encryption is on. If it is from the time before, set encryption.accept_unencrypted to true until nothing from that time is left; else somebody without a key has written it.',
      );
    });
  }

  private encrypted(payload: Payload, owner: Buffer | undefined): Payload {
    const metadata = { ...payload.metadata, ...(owner && { [OWNER]: owner }) };
    const inner = PayloadMessage.encode({ ...payload, metadata }).finish();
    const { currentId } = this.ring;
    const sealed = this.ring.seal(pack(inner), associated(currentId));
    return {
      metadata: { encoding: bytes(ENCRYPTED), [KEY_ID]: bytes(currentId) },
      data: Buffer.concat([Buffer.of(VERSION), sealed]),
    };
  }

  private decrypted(payload: Payload, owner: Buffer | undefined): Payload {
    const keyId = textOf(payload.metadata?.[KEY_ID]);
    if (payload.data?.[0] !== VERSION) {
      throw new DecryptionError('It was encrypted in a form that this version does not know.');
    }
    const sealed = payload.data?.subarray(1) ?? bytes('');
    const inner = unpack(this.ring.open(sealed, keyId, associated(keyId)));
    const { metadata: { [OWNER]: encryptedFor, ...metadata } = {}, data } = PayloadMessage.decode(inner);
    if (encryptedFor && owner && !owner.equals(encryptedFor)) {
      throw new DecryptionError('It was encrypted for another contact: somebody has copied it here.');
    }
    return { metadata, data };
  }
}

/** Whether a payload claims to come from {@link EncryptionCodec}, or from another codec that encrypts. */
export function isEncrypted({ metadata }: Payload): boolean {
  return textOf(metadata?.encoding) === ENCRYPTED;
}

/** The contact's workflow in which a payload is used; undefined for others, some of which get new names (schedules). */
function ownerOf(context: SerializationContext | undefined): Buffer | undefined {
  const workflowId = context?.workflowId;
  if (!workflowId?.startsWith(OF_A_CONTACT)) return undefined;
  return createHash('sha256').update(workflowId).digest().subarray(0, OWNER_BYTES);
}

/** What stands outside of the encrypted text, and must not be changed either. */
function associated(keyId: string): Buffer {
  return Buffer.from(`${ENCRYPTED}\0${VERSION}\0${keyId}`);
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

function textOf(value: Uint8Array | null | undefined): string {
  return value ? Buffer.from(value).toString() : '';
}
