import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { jest } from '@jest/globals';

/** Certificates of these tests: all but `self-signed` are signed by their `authority`, and all but `other-name` are made for `localhost`; `good` for `brevo.test`, too. */
export type Certificate = 'good' | 'expired' | 'other-name' | 'self-signed';

export interface TlsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves HTTPS on 127.0.0.1 with a certificate that may be a bad one. */
export async function startTlsServer(
  certificate: Certificate,
  listener: RequestListener,
): Promise<TlsServer> {
  const pem = read(certificate);
  const server = createServer({ cert: pem, key: pem }, listener);
  // A client that does not like the certificate goes away.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Makes this process trust the tests' authority, as NODE_EXTRA_CA_CERTS does for one that is started. */
export function trustTestAuthority(): { mockRestore(): void } {
  const { createSecureContext } = tls;
  const ca = read('authority');
  return jest
    .spyOn(tls, 'createSecureContext')
    .mockImplementation((options = {}) => createSecureContext({ ca, ...options }));
}

function read(name: Certificate | 'authority'): string {
  return readFileSync(join(__dirname, 'tls', `${name}.pem`), 'utf8');
}
