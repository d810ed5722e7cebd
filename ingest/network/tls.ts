import type { Server, ServerOptions } from 'node:https';
import type { Logger } from 'pino';
import { ConfigError, readTlsFiles, type TlsFiles, type TlsIdentity, validityProblem } from '../../config';

/** How often the files are read again, in ms. */
const LOOK_EVERY_MS = 10_000;
const DAY_MS = 24 * 3_600_000;

/** A caller ends the handshake with one of these when it does not accept our certificate. */
const OUR_CERTIFICATE_REFUSED = /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_(EXPIRED|UNKNOWN|REVOKED))/;
/** A warning about that is repeated after this time, in ms. */
const REMIND_MS = 600_000;

/** TLS with certificate and key from files. */
export interface Tls {
  /** For the HTTPS server. */
  readonly options: ServerOptions;
  /**
   * Has `server` use new files as soon as they change, and tells of callers that do not accept the certificate.
   *
   * @returns what ends it
   */
  follow(server: Server): () => void;
}

/**
 * Reads the files. The content counts, not how it came there: also a link that is changed, as Kubernetes does, is seen.
 *
 * @throws {ConfigError} when the files cannot be used
 */
export function openTls(files: TlsFiles, logger: Logger, lookEveryMs = LOOK_EVERY_MS): Tls {
  let used = readTlsFiles(files);
  tellValidity(used, logger);
  return {
    options: { ...pairOf(used), minVersion: 'TLSv1.2' },
    follow: (server) => {
      let told = '';
      let toldValidityAt = performance.now();
      const look = () => {
        try {
          const now = readTlsFiles(files);
          if (!samePair(now, used)) {
            server.setSecureContext({ ...pairOf(now), minVersion: 'TLSv1.2' });
            used = now;
            logger.info({ validTo: now.validTo.toISOString() }, 'a new TLS certificate is in use');
            tellValidity(used, logger);
          }
          told = '';
        } catch (error) {
          const problem = error instanceof ConfigError ? error.message : 'they cannot be used';
          // Certificate and key are not written at the same moment, so once is no reason to worry yet.
          if (problem !== told)
            logger.warn({ problem }, 'the TLS files are not usable now: the old ones stay in use');
          told = problem;
        }
        if (performance.now() - toldValidityAt < DAY_MS) return;
        toldValidityAt = performance.now();
        tellValidity(used, logger);
      };
      const timer = setInterval(look, lookEveryMs).unref();
      server.on('tlsClientError', handshakeLog(logger));
      return () => clearInterval(timer);
    },
  };
}

function pairOf({ cert, key }: TlsIdentity): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert, key };
}

function samePair(one: TlsIdentity, other: TlsIdentity): boolean {
  return one.cert.equals(other.cert) && one.key.equals(other.key);
}

function tellValidity(identity: TlsIdentity, logger: Logger): void {
  const problem = validityProblem(identity, new Date());
  if (problem !== undefined) logger.warn({ names: identity.names }, problem);
}

/** Callers that do not accept our certificate never become a request, and would hardly be noticed. */
function handshakeLog(logger: Logger): (error: NodeJS.ErrnoException) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return ({ code = '' }) => {
    if (!OUR_CERTIFICATE_REFUSED.test(code) || performance.now() - toldAt < REMIND_MS) return;
    toldAt = performance.now();
    logger.warn({ code }, 'a caller does not accept our TLS certificate');
  };
}
