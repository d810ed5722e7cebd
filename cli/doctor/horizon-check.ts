import type { Rules } from '../../consent/rules';
import { describeDuration } from './duration-text';
import { type Finding, good, warning } from './finding';

/** For how long a late, older event cannot win over what is applied. */
export function checkHorizon({ integration, rememberMs, ledgerAttribute }: Rules): Finding {
  const name = `${integration}: late events`;
  if (ledgerAttribute !== undefined) {
    return good(
      name,
      `an older event never wins, however late: ${ledgerAttribute} keeps each contact's choices`,
    );
  }
  const horizon = describeDuration(rememberMs);
  return warning(
    name,
    `an older event cannot win within ${horizon} of a contact's last event (\`remember\`); one that comes later is ` +
      'applied, because nothing newer is known any more. Two identifiers of one Brevo contact share no memory',
    'Set options.ledger_attribute to a Brevo text attribute, and the guard never ends.',
  );
}
