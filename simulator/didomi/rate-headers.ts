import type { Allowance } from '../rate';
import type { DidomiSwitches } from './switches';

/** Names and forms are seen in descriptions of Didomi's API. */
export function rateHeaders({ limit, remaining, reset }: Allowance): Record<string, string> {
  return {
    ratelimit: `limit=${limit}, remaining=${remaining}, reset=${reset}`,
    'ratelimit-policy': `${limit};w=15`,
  };
}

/** What a 429 says of when to come back. */
export function retryAfter(
  seconds: number,
  form: DidomiSwitches['retryAfter'],
  now: number,
): Record<string, string> {
  if (form === 'absent') return {};
  const text = form === 'seconds' ? String(seconds) : new Date(now + seconds * 1000).toUTCString();
  return { 'retry-after': text };
}
