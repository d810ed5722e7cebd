import type { Logger } from 'pino';
import type { AccountState } from '../../worker/account-watch';

/** Tells the log when Brevo refuses an account, once, with what to do; reminds of it; and tells when it is over. */
export function heldLog(logger: Logger): {
  readonly onAccount: (state: AccountState) => void;
  readonly onStillHeld: (state: AccountState) => void;
} {
  return {
    onAccount(account) {
      const { integrations, state } = account;
      if (state === 'open') {
        logger.info({ integrations }, 'Brevo serves this account again: what was held is written now');
      } else if (state === 'narrowed') {
        logger.warn(
          { ...fieldsOf(account), refusedCalls: account.held?.refusedCalls },
          'Brevo refuses some kinds of call to this account, and all others go on',
        );
      } else {
        logger.error(
          fieldsOf(account),
          'Brevo refuses this account: nothing is lost, its contacts are held, and go on by themselves when it is mended',
        );
      }
    },
    onStillHeld(account) {
      logger.warn(
        { ...fieldsOf(account), waitingHere: account.waiting },
        'Brevo still refuses this account: see "consent-sync failures list"',
      );
    },
  };
}

/** `reason` says what to do, and tells a wrong key from a blocked IP address. */
function fieldsOf({ integrations, held }: AccountState): object {
  if (!held) return { integrations };
  const { reason: kind, message, call, status, code, requestId, since } = held;
  return {
    integrations,
    refused: kind,
    reason: message,
    call,
    status,
    code,
    brevoRequestId: requestId,
    since: new Date(since).toISOString(),
  };
}
