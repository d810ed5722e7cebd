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
const VERSION = 'encryption-version';
const CURRENT_VERSION = '1';

/** Inside what is encrypted: the workflow to which the payload belongs. */
const BELONGS_TO = 'consent-sync-workflow-id';
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

  private encrypted(payload: Payload, owner: string | undefined): Payload {
    const metadata = { ...payload.metadata, ...(owner !== undefined && { [BELONGS_TO]: bytes(owner) }) };
    const inner = PayloadMessage.encode({ ...payload, metadata }).finish();
    return {
      metadata: {
        encoding: bytes(ENCRYPTED),
        [KEY_ID]: bytes(this.ring.currentId),
        [VERSION]: bytes(CURRENT_VERSION),
      },
      data: this.ring.seal(pack(inner), associated(CURRENT_VERSION, this.ring.currentId)),
    };
  }

  private decrypted(payload: Payload, owner: string | undefined): Payload {
    const version = textOf(payload.metadata?.[VERSION]);
    const keyId = textOf(payload.metadata?.[KEY_ID]);
    if (version !== CURRENT_VERSION) {
      throw new DecryptionError('It was encrypted in a form that this version does not know.');
    }
    const inner = unpack(this.ring.open(payload.data ?? bytes(''), keyId, associated(version, keyId)));
    const { metadata: { [BELONGS_TO]: belongsTo, ...metadata } = {}, data } = PayloadMessage.decode(inner);
    if (belongsTo && owner !== undefined && textOf(belongsTo) !== owner) {
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
function ownerOf(context: SerializationContext | undefined): string | undefined {
  const workflowId = context?.workflowId;
  return workflowId?.startsWith(OF_A_CONTACT) ? workflowId : undefined;
}

/** What stands outside of the encrypted text, and must not be changed either. */
function associated(version: string, keyId: string): Buffer {
  return Buffer.from(`${ENCRYPTED}\0${version}\0${keyId}`);
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

function textOf(value: Uint8Array | null | undefined): string {
  return value ? Buffer.from(value).toString() : '';
}
