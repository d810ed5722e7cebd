import { BlockList } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type IngestSettings, type Network, networkOf } from '../../config';
import { plainProblem } from '../problem';
import type { Refusals } from '../refusals';
import type { RequestLog } from '../request-log';
import { addressIn, senderOf } from './sender';

/** Of an address, only so much is logged that it names nobody. */
const LOGGED_PREFIX = { ipv4: 24, ipv6: 48 } as const;

interface AdmissionParts {
  readonly settings: Pick<IngestSettings, 'allowedIps' | 'trustedProxies' | 'auth'>;
  readonly log: RequestLog;
  readonly logger: Logger;
  readonly refusals: Refusals;
  /** Told of each request that is turned away. */
  readonly onRefused?: () => void;
}

/**
 * What `trustProxy` of the framework takes: which proxies' X-Forwarded-For tells where a request comes from. A proxy is
 * known also where the next one wrote its address with a port.
 */
export function trustedProxies({
  trustedProxies,
}: Pick<IngestSettings, 'trustedProxies'>): ((address: string) => boolean) | false {
  if (trustedProxies.length === 0) return false;
  const trusted = listOf(trustedProxies);
  return (address) => {
    const plain = addressIn(address);
    return plain !== undefined && trusted.check(plain.address, plain.family);
  };
}

/** Turns away, before anything of a body is read, who does not come from an address that is allowed. */
export function admitAddresses(
  app: FastifyInstance,
  { settings, log, logger, refusals, onRefused }: AdmissionParts,
): void {
  const { allowedIps, auth } = settings;
  const tellOfProxy =
    settings.trustedProxies.length === 0 && (allowedIps !== undefined || auth.type === 'oauth')
      ? unknownProxy(logger)
      : () => {};
  const allowed = allowedIps && listOf(allowedIps);
  app.addHook('onRequest', async (request) => {
    tellOfProxy(request);
    if (!allowed) return;
    const plain = senderOf(request);
    if (plain && allowed.check(plain.address, plain.family)) return;
    refusals.add('address_not_allowed');
    onRefused?.();
    const network = plain && networkOf(plain.family, plain.address, LOGGED_PREFIX[plain.family]);
    log.add(request, { network: network ?? 'unknown' });
    throw plainProblem(403, { detail: 'Requests from this address are not taken (ingest.allowed_ips).' });
  });
}

function listOf(networks: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const { family, address, prefix } of networks) list.addSubnet(address, prefix, family);
  return list;
}

/** Says it once: anybody may send this header. */
function unknownProxy(logger: Logger): (request: FastifyRequest) => void {
  let told = false;
  return ({ headers }) => {
    if (told || headers['x-forwarded-for'] === undefined) return;
    told = true;
    logger.warn(
      'a request has X-Forwarded-For, and ingest.trusted_proxies is not set: where a proxy is in front, ' +
        'ingest.allowed_ips and the limits of /oauth/token see its address instead of the sender',
    );
  };
}
