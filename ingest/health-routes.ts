import type { FastifyInstance } from 'fastify';

export const HEALTH_PREFIX = '/health/';

/** Reasons why the service is not ready; none when it is. */
export type Readiness = () => Promise<readonly string[]>;

/** Routes for probes: whether the process runs, whether it can take events. They need no authentication. */
export function healthRoutes(app: FastifyInstance, ready: Readiness): void {
  app.get(`${HEALTH_PREFIX}live`, async () => ({ status: 'live' }));
  app.get(`${HEALTH_PREFIX}ready`, async (_request, reply) => {
    const reasons = await ready().catch(() => ['it could not be found out whether Temporal can be used']);
    if (reasons.length === 0) return { status: 'ready' };
    reply.code(503);
    return { status: 'not ready', reasons };
  });
}
