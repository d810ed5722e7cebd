import { createHash } from 'node:crypto';
import type { Rules } from '../consent/rules';

/** Names a set of rules: two processes that agree on it read and write consent in the same way. */
export function rulesVersion(rules: Rules): string {
  return createHash('sha256').update(JSON.stringify(rules)).digest('base64url').slice(0, 12);
}
