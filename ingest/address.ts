import type { AddressInfo } from 'node:net';
import { ConfigError } from '../config';

const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Where a caller on this machine reaches a server that listens on `host`, without a slash at its end. */
export function urlOf(host: string, address: string | AddressInfo | null, tls: boolean): string {
  const name = ANY_ADDRESS[host] ?? host;
  const port = typeof address === 'object' ? address?.port : undefined;
  return `${tls ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

const LISTEN_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there already',
  EACCES: 'this process may not listen there',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'this machine does not know that name',
};

/** Tells in plain words why an address cannot be had, where the error is one that we know. */
export function cannotListen(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const reason = LISTEN_PROBLEMS[code ?? ''];
  if (reason === undefined) return error;
  return new ConfigError('listen address', [
    {
      path: 'ingest.port',
      message: `cannot listen on ${host}, port ${port}: ${reason}`,
      fix: 'Choose others with HOST and PORT, or with ingest.host and ingest.port in the configuration.',
    },
  ]);
}
