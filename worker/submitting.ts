import type { Submitted } from '../activities/resync/resync-activities';
import type { ContactWorkflows } from '../client/contact-workflows';
import { ContactForgottenError } from '../client/errors';
import type { Forgettings } from '../client/forgettings';
import type { Keys } from '../client/keys';
import { FORGOTTEN, type Settled } from '../resync/submit';

const LEFT_OUT: Settled = { outcome: 'skipped', reason: FORGOTTEN };

/**
 * Submits contacts of a resync to their workflows, but those that were forgotten after the source was made. Asked before
 * and after: one that is forgotten in between may have been brought back, and is forgotten again.
 */
export function submitting(
  keys: Keys,
  contacts: Pick<ContactWorkflows, 'settle'>,
  forgettings: Pick<Forgettings, 'since' | 'begin'>,
): (integration: string, contact: Submitted) => Promise<Settled> {
  return async (integration, { identifier, heldUpTo = 0, change }) => {
    const contact = { integration, contactKey: keys.contactKey(identifier) };
    const forgottenSince = async () => {
      const since = await forgettings.since(contact);
      return since !== undefined && since >= heldUpTo ? since : undefined;
    };
    if ((await forgottenSince()) !== undefined) return LEFT_OUT;
    const workflowId = keys.workflowId(integration, identifier);
    try {
      const settled = await contacts.settle({ integration, identifier, workflowId, change });
      const since = await forgottenSince();
      if (since === undefined) return settled;
      await forgettings.begin(contact, { at: since });
    } catch (error) {
      if (!(error instanceof ContactForgottenError)) throw error;
    }
    return LEFT_OUT;
  };
}
