import { ApplicationFailure } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { ForgetActivities, ForgetWish, KeptContact } from '../workflows/forget/contract';

export interface ForgetParts {
  /** @returns the first run of the workflow that was asked; undefined: none is open that began before, in ms since 1970 */
  readonly askToEnd: (contact: KeptContact, wish: ForgetWish, before: number) => Promise<string | undefined>;
  readonly isOpen: (contact: KeptContact, chain: string) => Promise<boolean>;
  /** @returns how many runs are left */
  readonly eraseRuns: (contact: KeptContact) => Promise<number>;
  /** Of the forgetting itself: they may name the Didomi user. @returns how many are left */
  readonly eraseEarlierRuns: (contact: KeptContact, ownRun: string) => Promise<number>;
  /** What resyncs keep on this machine. */
  readonly eraseFiles: (contact: KeptContact) => Promise<void>;
}

/** The activities of `forget`; retried by Temporal alone. */
export function forgetActivities(parts: ForgetParts): ForgetActivities {
  return {
    async askToEnd({ integration, contactKey, wish, begunAt }) {
      return (await parts.askToEnd({ integration, contactKey }, wish, begunAt)) ?? null;
    },

    async awaitEnd({ integration, contactKey, chain }) {
      if (!(await parts.isOpen({ integration, contactKey }, chain))) return;
      throw waiting('StillOpen', "The contact's workflow is open: it ends once what it owes is written.");
    },

    async eraseContact({ integration, contactKey, ownRun }) {
      const contact = { integration, contactKey };
      await parts.eraseFiles(contact);
      const left = (await parts.eraseRuns(contact)) + (await parts.eraseEarlierRuns(contact, ownRun));
      if (left > 0)
        throw waiting('StillThere', `${left} runs are still there after Temporal was told to delete them.`);
    },
  };
}

/** Temporal looks again. That a contact still owes something is no error, and nothing to log. */
function waiting(type: 'StillOpen' | 'StillThere', message: string): ApplicationFailure {
  const isExpected = type === 'StillOpen';
  return ApplicationFailure.create({
    type,
    message,
    ...(isExpected && { category: ApplicationFailureCategory.BENIGN }),
  });
}
