import { ApplicationFailure } from '@temporalio/activity';
import type { Config } from '../config';
import { DidomiApi } from '../didomi/api/didomi-api';
import { DidomiHeldError } from '../didomi/api/errors';
import { DIDOMI_FAILURES } from '../workflows/didomi-contract';

/** How often one call may try whether Didomi takes the credentials again, in ms. */
const PROBE_EVERY_MS = 5_000;

/** Didomi's API as this worker may ask it; the credentials never go any further than here. */
export class Didomi {
  private readonly api: DidomiApi | undefined;
  private refusedWith: DidomiHeldError | undefined;
  private nextProbeAt = 0;

  constructor(private readonly config: Pick<Config, 'didomi' | 'source'>) {
    const { didomi } = config;
    this.api = didomi && new DidomiApi(withCredentials(didomi));
  }

  /**
   * Spares Didomi the calls of credentials that it refuses: they fail at once, save a probe now and then.
   *
   * @throws ApplicationFailure that Temporal retries, when this worker has no access: another one may have it
   * @throws whatever `call` throws
   */
  async ask<T>(call: (api: DidomiApi) => Promise<T>): Promise<T> {
    if (!this.api) throw noAccess(this.config.source);
    if (this.refusedWith && performance.now() < this.nextProbeAt) throw this.refusedWith;
    this.nextProbeAt = performance.now() + PROBE_EVERY_MS;
    try {
      const result = await call(this.api);
      this.refusedWith = undefined;
      return result;
    } catch (error) {
      this.refusedWith = error instanceof DidomiHeldError ? error : undefined;
      throw error;
    }
  }

  /** Closes idle connections. */
  close(): void {
    this.api?.close();
  }
}

function withCredentials({ organizationId, apiKey, apiSecret, apiUrl }: NonNullable<Config['didomi']>) {
  return { organizationId, apiKey, apiSecret, apiUrl };
}

function noAccess(source: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: DIDOMI_FAILURES.configuration,
    message: `No access to Didomi's API in this worker's configuration (${source}): add the setting "didomi", or run a worker that has it.`,
    nextRetryDelay: '1 minute',
  });
}
