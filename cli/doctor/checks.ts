import type { Config } from '../../config';
import { checkBrevo } from './brevo-checks';
import { checkDidomi } from './didomi-check';
import type { Finding } from './finding';
import { checkIngest } from './ingest-check';
import { checkTemporal } from './temporal-checks';

/** Everything that can be checked of a valid configuration over the network. Changes nothing. */
export async function runChecks(config: Config, brevoApiUrl: string): Promise<Finding[]> {
  const [temporal, didomi, brevo] = await Promise.all([
    checkTemporal(config),
    checkDidomi(config),
    checkBrevo(config, brevoApiUrl),
  ]);
  return [...checkIngest(config), ...temporal, didomi, ...brevo];
}
