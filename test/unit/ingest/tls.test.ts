import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import { openTls } from '../../../ingest/network/tls';
import { type Pem, selfSigned } from '../../support/certificate';
import { until } from '../../support/until';
import { INTEGRATION, ingestForTests, message, raw, type Setup } from './support';

const ingest = ingestForTests();
const folder = mkdtempSync(join(tmpdir(), 'consent-sync-ingest-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };

function write({ cert, key }: Partial<Pem>): void {
  if (cert !== undefined) writeFileSync(files.cert, cert);
  if (key !== undefined) writeFileSync(files.key, key);
}

function secured(setup: Setup = {}) {
  return ingest({ config: { ...INTEGRATION, ingest: { tls: files } }, ...setup });
}

/** Sends a webhook over a connection of its own; resolves with the status. */
function post(url: string, ca: string): Promise<number | undefined> {
  const body = JSON.stringify(message({}));
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      ca,
      agent: false as const,
      headers: { 'content-type': 'application/json' },
    };
    request(`${url}/webhooks/didomi`, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end(body);
  });
}

/** The version of TLS that a caller who wants at most `maxVersion` gets. */
function handshake(url: string, maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const options = {
      host,
      port: Number(port),
      rejectUnauthorized: false,
      maxVersion,
      minVersion: 'TLSv1',
    } as const;
    const socket = connect({ ...options, ciphers: 'DEFAULT@SECLEVEL=0' }, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('with TLS by files', () => {
  test('webhooks are taken over https, which is the address that is told', async () => {
    const pair = selfSigned();
    write(pair);
    const { url, signals, log } = await secured();
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await post(url, pair.cert)).toBe(202);
    expect(signals).toHaveLength(1);
    expect(log).toContainEqual(expect.objectContaining({ msg: 'ingestion listens', url }));
  });

  test('TLS 1.2 and 1.3 are spoken, older ones and plain HTTP are not', async () => {
    write(selfSigned());
    const { url } = await secured();
    expect(await handshake(url, 'TLSv1.2')).toBe('TLSv1.2');
    expect(await handshake(url, 'TLSv1.3')).toBe('TLSv1.3');
    await expect(handshake(url, 'TLSv1.1')).rejects.toThrow();
    expect(await raw(url, 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n')).not.toContain('200');
  });

  test('new files are used as soon as both are there, and running requests are not hurt', async () => {
    const [first, second] = [selfSigned(), selfSigned()];
    write(first);
    const { url, log } = await secured({ tlsLookEveryMs: 20 });
    expect(await post(url, first.cert)).toBe(202);
    write({ cert: second.cert });
    await until('half of them is seen', () => log.some(({ msg }) => /not usable now/.test(String(msg))));
    expect(await post(url, first.cert)).toBe(202);
    write({ key: second.key });
    await until('they are in use', () => log.some(({ msg }) => msg === 'a new TLS certificate is in use'));
    expect(await post(url, second.cert)).toBe(202);
    await expect(post(url, first.cert)).rejects.toThrow();
  });

  test('a renewed certificate for the same key is used, too', async () => {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [first, second] = [selfSigned({ keys }), selfSigned({ keys })];
    write(first);
    const { url, log } = await secured({ tlsLookEveryMs: 20 });
    write({ cert: second.cert });
    await until('it is in use', () => log.some(({ msg }) => msg === 'a new TLS certificate is in use'));
    expect(await post(url, second.cert)).toBe(202);
  });

  test('a certificate that has expired is told at the start', async () => {
    write(selfSigned({ notBefore: new Date(0), notAfter: new Date(86_400_000) }));
    const { log } = await secured();
    expect(log).toContainEqual(
      expect.objectContaining({ level: 40, msg: expect.stringContaining('expired on 1970-01-02') }),
    );
  });

  test.each(['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED'])(
    'a caller that does not accept the certificate is told of, once: %s',
    (code) => {
      write(selfSigned());
      const lines: string[] = [];
      const server = new Server();
      const unfollow = openTls(files, pino({}, { write: (line) => lines.push(line) })).follow(server);
      const socket = { destroy: () => {} };
      for (const one of ['ERR_SSL_HTTP_REQUEST', code, code])
        server.emit('tlsClientError', { code: one }, socket);
      unfollow();
      expect(lines).toEqual([expect.stringContaining('does not accept our TLS certificate')]);
    },
  );

  test('files that do not belong together are refused at the start', async () => {
    write({ cert: selfSigned().cert, key: selfSigned().key });
    await expect(secured()).rejects.toMatchObject({
      name: 'ConfigError',
      problems: [{ path: 'ingest.tls.key' }],
    });
  });

  test('a caller that does not finish its handshake is cut off', async () => {
    write(selfSigned());
    const { url } = await secured({ limits: { headersMs: 200, requestMs: 400, checkEveryMs: 20 } });
    expect(await raw(url, '\x16\x03\x01')).not.toContain('HTTP/1.1 2');
  });
});
