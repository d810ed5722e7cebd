import { ApplicationFailure } from '@temporalio/activity';
import type { BrevoAccount, BrevoAccounts } from '../brevo/accounts';
import type { Config, Integration } from '../config';
import type { Rules } from '../consent/rules';
import { BREVO_FAILURES } from '../workflows/activities-contract';

/** An integration of the configuration, with its Brevo account. */
export interface OpenIntegration {
  readonly integration: Integration;
  readonly account: BrevoAccount;
}

/** Finds integrations by name; the API keys never go any further than here. */
export class Integrations {
  constructor(
    private readonly config: Pick<Config, 'integrations' | 'source'>,
    private readonly accounts: BrevoAccounts,
  ) {}

  /** @throws ApplicationFailure that Temporal retries: a worker with the right configuration may come */
  open(name: string): OpenIntegration {
    const integration = this.find(name);
    return { integration, account: this.accounts.of(integration.apiKey) };
  }

  /** @throws ApplicationFailure as `open` */
  rulesOf(name: string): Rules {
    return this.find(name).rules;
  }

  private find(name: string): Integration {
    const integration = this.config.integrations.get(name);
    if (!integration) {
      throw ApplicationFailure.create({
        type: BREVO_FAILURES.configuration,
        message: `No integration "${name}" in this worker's configuration (${this.config.source}): add it, or run a worker that has it.`,
        nextRetryDelay: '1 minute',
      });
    }
    return integration;
  }
}
