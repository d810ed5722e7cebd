import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { checkConfig } from '../../../config';
import { selfSigned } from '../../support/certificate';
import { classic, problemOf } from './support';

const folder = mkdtempSync(join(tmpdir(), 'consent-sync-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const pair = selfSigned();
const cert = write('cert.pem', pair.cert);
const key = write('key.pem', pair.key);
const check = (tls: { cert: string; key: string }) =>
  checkConfig({ object: classic({}, { ingest: { tls } }), env: {} }).checks.filter(({ name }) =>
    name.startsWith('ingest.tls'),
  );

describe('the TLS files', () => {
  test('are shown with the names of the certificate and its end', () => {
    expect(check({ cert, key })).toEqual([
      {
        name: 'ingest.tls',
        ok: true,
        message: expect.stringMatching(/^the certificate is for localhost, 127\.0\.0\.1, until \d{4}-/),
      },
    ]);
  });

  test('that are missing are both named', () => {
    expect(check({ cert: 'no/cert.pem', key: folder })).toMatchObject([
      { name: 'ingest.tls.cert', ok: false, message: expect.stringContaining('no such file') },
      { name: 'ingest.tls.key', ok: false, message: expect.stringContaining('is a folder') },
    ]);
  });

  test('that do not belong together are told so', () => {
    const other = write('other.pem', selfSigned().key);
    expect(check({ cert, key: other })).toMatchObject([
      {
        name: 'ingest.tls.key',
        ok: false,
        message: expect.stringContaining('is not the key of the certificate'),
      },
    ]);
  });

  test('that are swapped, or are not PEM, are told so, and nothing of them is shown', () => {
    for (const tls of [
      { cert: key, key: cert },
      { cert: write('rubbish.pem', 'rubbish'), key: write('rubbish-key.pem', 'rubbish') },
    ]) {
      const checks = check(tls);
      expect(checks).toMatchObject([
        { message: expect.stringContaining('does not hold a certificate') },
        { message: expect.stringContaining('does not hold a private key') },
      ]);
      expect(JSON.stringify(checks)).not.toContain(pair.key.slice(40, 60));
    }
  });

  test('whose key has a passphrase are told how to take it away', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const locked = privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString();
    expect(check({ cert, key: write('locked.pem', locked) })).toMatchObject([
      { message: expect.stringContaining('passphrase'), fix: expect.stringContaining('openssl pkey') },
    ]);
  });

  test('that have expired, or are not valid yet, fail the check', () => {
    const past = selfSigned({ notBefore: new Date(0), notAfter: new Date(86_400_000) });
    const future = selfSigned({ notBefore: new Date('2900-01-01'), notAfter: new Date('2901-01-01') });
    const results = [past, future].map((one, index) =>
      check({ cert: write(`time-${index}.pem`, one.cert), key: write(`time-key-${index}.pem`, one.key) }),
    );
    expect(results).toMatchObject([
      [{ ok: false, message: expect.stringContaining('expired on 1970-01-02') }],
      [{ ok: false, message: expect.stringContaining('valid only from 2900-01-01') }],
    ]);
  });
});

test('the text of a certificate in place of its path is refused', () => {
  expect(problemOf(classic({}, { ingest: { tls: { cert: pair.cert, key } } }))).toMatchObject({
    path: 'ingest.tls.cert',
    message: expect.stringContaining('path of'),
  });
});
