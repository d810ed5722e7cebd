import type { FastifyRequest } from 'fastify';
import { plainAddress } from '../../config';

/** An address with a port behind it, as some load balancers write it into X-Forwarded-For. */
const WITH_PORT = /^(?:\[([\da-f:.]+)\]|([\d.]+)):\d+$/i;

/**
 * Where a request comes from: the address of the connection, or what a trusted proxy says.
 *
 * @returns undefined where that is no IP address
 */
export function senderOf({ ip }: Pick<FastifyRequest, 'ip'>): ReturnType<typeof plainAddress> {
  const [, six, four] = WITH_PORT.exec(ip) ?? [];
  return plainAddress(six ?? four ?? ip);
}
