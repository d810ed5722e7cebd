import type { Logger } from 'pino';
import type { Jose } from './jwt';

/** How long the issuer may take to answer, in ms. A request that waits for it has to end before its sender gives up. */
const TIMEOUT_MS = 3_000;
/** How long keys are used without asking again, in ms. */
const FRESH_MS = 600_000;
/** A token with an unknown key makes us ask again, but not more often than this, in ms. */
const COOLDOWN_MS = 30_000;
/** After a failure the issuer is left alone for this long, in ms. */
const FAILED_COOLDOWN_MS = 5_000;
/** How long keys are still used while the issuer cannot be reached, in ms. */
const STALE_MS = 24 * 3_600_000;
const MAX_BYTES = 262_144;

/** The issuer's keys cannot be had, so nobody knows whether a token is good. */
export class KeysUnavailable extends Error {}

export interface IssuerKeys {
  /** For `jwtVerify`. */
  readonly keyOf: ReturnType<Jose['createRemoteJWKSet']>;
  /** Whether the last attempt to fetch keys failed. */
  failing(): boolean;
}

/** For tests. */
export interface IssuerTimes {
  readonly freshMs?: number;
  readonly cooldownMs?: number;
  readonly failedCooldownMs?: number;
}

/** Keys that an issuer publishes: fetched when they are needed, and kept. */
export function issuerKeys(jose: Jose, url: string, logger: Logger, times: IssuerTimes = {}): IssuerKeys {
  const { freshMs = FRESH_MS, cooldownMs = COOLDOWN_MS, failedCooldownMs = FAILED_COOLDOWN_MS } = times;
  let good: { readonly text: string; readonly at: number } | undefined;
  let failedAt: number | undefined;

  /** The keys of the last success, where there are any that are not too old. */
  const kept = (): Response => {
    if (good && performance.now() - good.at < STALE_MS) return new Response(good.text);
    throw new KeysUnavailable();
  };

  const keyOf = jose.createRemoteJWKSet(new URL(url), {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: cooldownMs,
    cacheMaxAge: freshMs,
    [jose.customFetch]: async (address, options) => {
      if (failedAt !== undefined && performance.now() - failedAt < failedCooldownMs) return kept();
      try {
        const text = await readKeys(await fetch(address, options));
        jose.createLocalJWKSet(JSON.parse(text));
        if (failedAt !== undefined) logger.info("the issuer's keys can be fetched again");
        failedAt = undefined;
        good = { text, at: performance.now() };
      } catch (error) {
        if (failedAt === undefined) {
          const told = { reason: reasonOf(error), ...(good && { goesOn: 'with the keys fetched before' }) };
          logger.error(told, "the issuer's keys cannot be fetched: see ingest.auth.jwks_url");
        }
        failedAt = performance.now();
      }
      return kept();
    },
  });
  return { keyOf, failing: () => failedAt !== undefined };
}

async function readKeys(response: Response): Promise<string> {
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Refused(`it answers ${response.status}`);
  }
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_BYTES) throw new Refused('its answer is too large');
  }
  return text + decoder.decode();
}

class Refused extends Error {}

/** Without the error's message, which may repeat what was read. */
function reasonOf(error: unknown): string {
  if (error instanceof Refused) return error.message;
  if (field(error, 'name') === 'TimeoutError') return 'no answer in time';
  const code = field(field(error, 'cause'), 'code');
  if (typeof code === 'string') return code;
  return field(error, 'name') === 'TypeError' ? 'no connection' : 'its answer is no set of keys (JWKS)';
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
