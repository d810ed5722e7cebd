import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import { KeyRing } from '../../../encryption/key-ring';
import { MAX_UNPACKED_BYTES } from '../../../encryption/packing';
import { EncryptionCodec } from '../../../encryption/payload-codec';
import { keyNamed, keys } from './keys';

const codec = new EncryptionCodec(keys('now'));

function payloadOf(value: unknown): Payload {
  return defaultPayloadConverter.toPayload(value) as Payload;
}

function within(workflowId: string): SerializationContext {
  return { type: 'workflow', namespace: 'default', workflowId };
}

async function encoded(
  value: unknown,
  { by = codec, context }: { by?: EncryptionCodec; context?: SerializationContext } = {},
) {
  const [payload] = await by.encode([payloadOf(value)], context);
  return payload as Payload;
}

async function decoded(payload: Payload, by = codec, context?: SerializationContext): Promise<unknown> {
  const [one] = await by.decode([payload], context);
  return defaultPayloadConverter.fromPayload(one as Payload);
}

const textIn = ({ data }: Payload) => Buffer.from(data ?? []).toString('latin1');
const metadataIn = ({ metadata = {} }: Payload) =>
  Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString()]),
  );

describe('a payload', () => {
  it.each([
    ['text', 'ana@example.com'],
    ['nothing', undefined],
    ['null', null],
    ['an object', { a: [1, 'é', null], '\u2028': false }],
    ['bytes', new Uint8Array([0, 255, 1])],
    ['a long text', 'word '.repeat(20_000)],
  ])('comes back as it was: %s', async (_name, value) => {
    expect(await decoded(await encoded(value))).toEqual(value);
  });

  it('shows nothing but that it is encrypted, how and by which key', async () => {
    const payload = await encoded({ email: 'ana@example.com' });
    expect(metadataIn(payload)).toEqual({
      encoding: 'binary/encrypted',
      'encryption-key-id': 'now',
    });
    expect(textIn(payload)).not.toContain('ana@');
    expect(textIn(payload)).not.toContain('json/plain');
  });

  it('is never encrypted twice in the same way', async () => {
    const texts = await Promise.all(Array.from({ length: 50 }, async () => textIn(await encoded('same'))));
    expect(new Set(texts).size).toBe(50);
  });

  it('gets shorter where it is long and repeats itself', async () => {
    const state = Array.from({ length: 20 }, (_, index) => ({
      path: 'consents_purposes_newsletter_enabled',
      index,
    }));
    expect(textIn(await encoded(state)).length).toBeLessThan(JSON.stringify(state).length / 2);
  });

  it('keeps its own metadata', async () => {
    const payload = {
      ...payloadOf(1),
      metadata: { ...payloadOf(1).metadata, messageType: Buffer.from('x.Y') },
    };
    const [back] = await codec.decode(await codec.encode([payload]));
    expect(metadataIn(back as Payload)).toEqual({ encoding: 'json/plain', messageType: 'x.Y' });
  });

  it('is refused when any byte of it was changed', async () => {
    const payload = await encoded('true');
    const length = payload.data?.length ?? 0;
    // The first byte tells the form.
    for (let index = 1; index < length; index += 1) {
      const data = Buffer.from(payload.data ?? []);
      data.writeUInt8(data.readUInt8(index) ^ 1, index);
      await expect(codec.decode([{ ...payload, data }])).rejects.toThrow(
        'it was changed, or belongs elsewhere',
      );
    }
    for (const cut of [0, 10, 27, length - 1]) {
      await expect(
        codec.decode([{ ...payload, data: payload.data?.subarray(0, cut) ?? null }]),
      ).rejects.toThrow();
    }
  });

  it('is refused where it is not encrypted, and taken where the configuration says so', async () => {
    const plain = payloadOf('true');
    await expect(codec.decode([plain])).rejects.toThrow('encryption.accept_unencrypted');
    const open = new EncryptionCodec({ ...keys('now'), acceptUnencrypted: true });
    expect(await decoded(plain, open)).toBe('true');
  });

  it('does not unpack to more than any payload is', async () => {
    const bomb = Buffer.concat([Buffer.of(1), deflateRawSync(Buffer.alloc(MAX_UNPACKED_BYTES + 1))]);
    const sealed = new KeyRing(keys('now'), 'temporal payload').seal(
      bomb,
      Buffer.from(['binary/encrypted', '1', 'now'].join('\0')),
    );
    const payload = { ...(await encoded('x')), data: Buffer.concat([Buffer.of(1), sealed]) };
    await expect(codec.decode([payload])).rejects.toThrow('cannot be unpacked');
  });

  it('of a form that is still to come is refused with that reason', async () => {
    const payload = await encoded('x');
    const later = {
      ...payload,
      data: Buffer.concat([Buffer.of(2), (payload.data ?? Buffer.of()).subarray(1)]),
    };
    await expect(codec.decode([later])).rejects.toThrow('a form that this version does not know');
  });
});

describe('when keys are changed', () => {
  it('what the old key encrypted is read by whoever has both, and new things are encrypted by the new one', async () => {
    const old = await encoded('old');
    const both = new EncryptionCodec(keys('next', 'now'));
    expect(await decoded(old, both)).toBe('old');
    expect(metadataIn(await encoded('new', { by: both }))).toMatchObject({ 'encryption-key-id': 'next' });
  });

  it('what a process without the new key cannot read names that key', async () => {
    const payload = await encoded('new', { by: new EncryptionCodec(keys('next', 'now')) });
    await expect(codec.decode([payload])).rejects.toThrow(
      'encrypted with the key "next", which is not among encryption.keys of this configuration (now)',
    );
  });

  it('a name of a key that is none is not repeated', async () => {
    const payload = await encoded('x');
    const strange = { ...payload, metadata: { ...payload.metadata, 'encryption-key-id': randomBytes(90) } };
    await expect(codec.decode([strange])).rejects.toThrow('of an unreadable name');
  });

  it('another key under the same id is told from the one that was used', async () => {
    const payload = await encoded('x');
    const other = new EncryptionCodec({
      keys: [{ id: 'now', key: keyNamed('other') }],
      acceptUnencrypted: true,
    });
    await expect(other.decode([payload])).rejects.toThrow('the configuration has another key under this id');
  });
});

describe("a contact's payload", () => {
  const ana = within('consent-sync/shop/ana');

  it('is read in the workflow of that contact, by its activities, and outside of any', async () => {
    const payload = await encoded('yes', { context: ana });
    const activity: SerializationContext = {
      ...ana,
      type: 'activity',
      workflowId: 'consent-sync/shop/ana',
      isLocal: false,
    };
    expect(await decoded(payload, codec, ana)).toBe('yes');
    expect(await decoded(payload, codec, activity)).toBe('yes');
    expect(await decoded(payload)).toBe('yes');
  });

  it('is refused in the workflow of somebody else, to which it was copied', async () => {
    const payload = await encoded('yes', { context: ana });
    await expect(codec.decode([payload], within('consent-sync/shop/bob'))).rejects.toThrow(
      'for another contact',
    );
  });

  it('says nowhere in clear to whom it belongs, nor afterwards', async () => {
    const payload = await encoded('yes', { context: ana });
    expect(JSON.stringify(metadataIn(payload))).not.toContain('ana');
    const [back] = await codec.decode([payload], ana);
    expect(metadataIn(back as Payload)).toEqual({ encoding: 'json/plain' });
  });
});

it("a resync's payload is read under the name that a schedule gives to a run", async () => {
  const payload = await encoded('input', { context: within('consent-resync/shop/nightly') });
  expect(await decoded(payload, codec, within('consent-resync/shop/nightly-2026-11-24T03:00:00Z'))).toBe(
    'input',
  );
});
