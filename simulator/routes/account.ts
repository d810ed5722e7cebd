import { ACCOUNT } from '../defaults';
import type { Reply } from '../request';

export function getAccount(): Reply {
  return { status: 200, body: ACCOUNT };
}
