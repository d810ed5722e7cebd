import type { Config } from '../../config';
import { DidomiApi } from '../../didomi/api/didomi-api';
import { DidomiApiError, DidomiHeldError } from '../../didomi/api/errors';
import { type Finding, good, problem, warning } from './finding';

const NAME = "Didomi's API";

/** Whether Didomi can be asked what holds after something was deleted there. */
export async function checkDidomi({ didomi, integrations }: Config): Promise<Finding> {
  if (!didomi) {
    return warning(
      NAME,
      'not configured: deletions in Didomi are ignored (`needs_didomi_api`)',
      'Set `didomi` with organization_id, api_key and api_secret.',
    );
  }
  const { organizationId, apiKey, apiSecret, apiUrl } = didomi;
  const api = new DidomiApi({ organizationId, apiKey, apiSecret, apiUrl });
  const [first] = integrations.values();
  try {
    await api.pageOfUsers({ regulation: first?.rules.regulations[0] ?? 'gdpr' });
    return good(NAME, 'takes the credentials and lets us read users');
  } catch (error) {
    if (!(error instanceof DidomiApiError)) throw error;
    const fix =
      error instanceof DidomiHeldError
        ? 'Check api_key, api_secret and organization_id, and whether the Consents API is part of your plan.'
        : 'See whether Didomi can be reached from here, then run this again.';
    return problem(NAME, error.message, fix);
  } finally {
    api.close();
  }
}
