import type { AddressInfo } from 'node:net';

const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Where a caller on this machine reaches a server that listens on `host`, without a slash at its end. */
export function urlOf(host: string, address: string | AddressInfo | null, tls: boolean): string {
  const name = ANY_ADDRESS[host] ?? host;
  const port = typeof address === 'object' ? address?.port : undefined;
  return `${tls ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
