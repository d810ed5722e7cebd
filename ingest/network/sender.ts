import type { FastifyRequest } from 'fastify';
import { plainAddress } from '../../config';

/** An address with a port behind it or in brackets, as some load balancers write it into X-Forwarded-For. */
const WITH_PORT = /^(?:\[([\da-f:.]+)\](?::\d+)?|([\d.]+):\d+)$/i;

/**
 * The address of a connection or of a part of X-Forwarded-For.
 *
 * @returns undefined where that is no IP address
 */
export function addressIn(text: string): ReturnType<typeof plainAddress> {
  const [, six, four] = WITH_PORT.exec(text) ?? [];
  return plainAddress(six ?? four ?? text);
}

/**
 * Where a request comes from: the address of the connection, or what a trusted proxy says.
 *
 * @returns undefined where that is no IP address
 */
export function senderOf({ ip }: Pick<FastifyRequest, 'ip'>): ReturnType<typeof plainAddress> {
  return addressIn(ip);
}
