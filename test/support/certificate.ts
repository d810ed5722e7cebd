import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface Pem {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Default: a key of its own. */
  readonly keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

const DAY_MS = 24 * 3_600_000;

/** A self-signed certificate for `localhost` and 127.0.0.1 with a P-256 key, as DER by hand (RFC 5280). */
export function selfSigned(options: CertificateOptions = {}): Pem {
  const { publicKey, privateKey } = options.keys ?? generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const notBefore = options.notBefore ?? new Date(Date.now() - DAY_MS);
  const notAfter = options.notAfter ?? new Date(Date.now() + DAY_MS);
  const name = sequence(set(sequence(oid('550403'), der(0x0c, 'localhost'))));
  const content = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.from([1, ...Array.from({ length: 8 }, () => Math.floor(Math.random() * 256))])),
    ECDSA_SHA256,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(extension('551d11', ALT_NAMES), extension('551d13', sequence(der(0x01, Buffer.of(0xff))))),
    ),
  );
  const signature = sign('sha256', content, privateKey);
  const cert = sequence(content, ECDSA_SHA256, der(0x03, Buffer.concat([Buffer.of(0), signature])));
  const lines = cert.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function der(tag: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  const { length } = bytes;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), bytes]);
}

function sequence(...parts: Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function set(part: Uint8Array): Buffer {
  return der(0x31, part);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), der(0x04, value));
}

/** GeneralizedTime */
function time(date: Date): Buffer {
  return der(0x18, date.toISOString().replace(/[-:T]|\.\d+/g, ''));
}

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));
const ALT_NAMES = sequence(der(0x82, 'localhost'), der(0x87, Buffer.of(127, 0, 0, 1)));
