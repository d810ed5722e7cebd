import { z } from 'zod';
import type { ApiRequest, Reply } from '../../request';
import { badCredentials } from '../errors';
import { jsonOf } from '../request';
import type { Simulation } from '../simulation';

const login = z.object({ type: z.literal('api-key'), key: z.string(), secret: z.string() });

/** Bad credentials are a 400 (seen in descriptions of Didomi's API). */
export function createSession({ sessions }: Simulation, request: ApiRequest): Reply {
  const { data } = login.safeParse(jsonOf(request));
  const token = data === undefined ? undefined : sessions.open(data);
  if (token === undefined) throw badCredentials();
  return { status: 201, body: { access_token: token } };
}
