import { createHash, timingSafeEqual } from 'node:crypto';
import { isLoopback } from '../../config';

/** What of a request says who asks. */
export interface Asking {
  readonly authorization: string | undefined;
  /** As a browser names the page that asks. */
  readonly origin: string | undefined;
  readonly host: string | undefined;
}

export interface Access {
  /** Absent: whoever reaches this machine's loopback address may ask. */
  readonly token?: string | undefined;
  /** Pages that may ask, as `https://temporal.example.com`. */
  readonly origins: ReadonlySet<string>;
}

/** Why a request is refused. */
export type Refusal = 'origin' | 'host' | 'token';

/** @returns undefined when it may be answered */
export function refusalOf(
  { authorization, origin, host }: Asking,
  { token, origins }: Access,
): Refusal | undefined {
  if (origin !== undefined && !origins.has(origin)) return 'origin';
  if (token === undefined) {
    // A page of a stranger's may have had its name point to this machine.
    return isLoopback(nameIn(host)) ? undefined : 'host';
  }
  const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  return given !== undefined && timingSafeEqual(digest(given), digest(token)) ? undefined : 'token';
}

function nameIn(host: string | undefined): string {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}

/** Digests have one length, so that comparing them tells nothing about the token. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
