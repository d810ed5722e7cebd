import type { Config } from '../../config';
import { type Finding, warning } from './finding';

/**
 * Without authentication ingestion starts on a loopback address only; behind a proxy on the same machine it is open to
 * everybody all the same.
 */
export function checkIngest({ ingest }: Pick<Config, 'ingest'>): Finding[] {
  const { auth, trustedProxies, tls, allowedIps } = ingest;
  if (auth.type !== 'none') return [];
  const signs = [
    ...(trustedProxies.length > 0 ? ['trusted_proxies'] : []),
    ...(tls ? ['tls'] : []),
    ...(allowedIps ? ['allowed_ips'] : []),
  ];
  if (signs.length === 0) return [];
  return [
    warning(
      'ingest.auth',
      `is "none", and ${signs.map((sign) => `ingest.${sign}`).join(', ')} says that others reach it: they could change consents`,
      'Set ingest.auth, for Didomi to {"type": "oauth", …}.',
    ),
  ];
}
