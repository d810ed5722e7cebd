import { ApplicationFailure } from '@temporalio/activity';
import type { Identifier } from '../../consent/identifier';
import type { Outcome } from '../../consent/outcome';
import type { ComparedBy } from '../../resync/differing';
import { keepReport } from '../../resync/report';
import { submitStep } from '../../resync/submit';
import { WorkFolder } from '../../resync/work-folder';
import type { SubmittedChange } from '../../workflows/contract';
import { RESYNC_REFUSED, type ResyncActivities } from '../../workflows/resync/activities-contract';
import type { Didomi } from '../didomi';
import type { Integrations } from '../integrations';
import { inStep } from './step';

export interface ResyncParts {
  readonly integrations: Integrations;
  readonly didomi: Didomi;
  /** Folder of the runs' files. */
  readonly root: string;
  /** Where these activities are taken. */
  readonly taskQueue: string;
  readonly keyOf: (identifier: Identifier) => string;
  /** A run of the integration that began before this one and has not ended. */
  readonly olderRun: (integration: string, run: string) => Promise<string | undefined>;
  /** Resolves once the contact's workflow has settled the change. */
  readonly submit: (
    integration: string,
    contact: { readonly identifier: Identifier; readonly change: SubmittedChange },
  ) => Promise<Outcome>;
}

/** The steps of a resync, on the disk of this machine. */
export function resyncActivities(parts: ResyncParts): ResyncActivities {
  const { root, keyOf } = parts;
  return {
    async offerToRead() {
      return parts.taskQueue;
    },

    async claimIntegration({ integration, run }) {
      const older = await parts.olderRun(integration, run);
      if (older !== undefined) {
        throw refused(`Another resync of "${integration}" is under way: ${older}.`);
      }
    },

    async submitDiffering({ integration, run, planOf, rate }) {
      const folder = new WorkFolder(root, run);
      const planFolder = new WorkFolder(root, planOf ?? run);
      const compared = await planFolder.read<ComparedBy>('compared-by');
      if (!compared) throw refused(`The plan ${planOf ?? run} is not on this machine.`);
      const { rulesVersion, rules, targets } = compared;
      const eventId = `resync-${run}`;
      return inStep(async (signal) => {
        const { done, counts, isHeld } = await submitStep({
          folder,
          planFolder,
          ...(rate !== undefined && { rate }),
          keyOf: ({ identifier }) => keyOf(identifier),
          submit: ({ identifier, organizationUserId, statements, contact, seenAt }) =>
            parts.submit(integration, {
              identifier,
              change: {
                eventId,
                eventKey: eventId,
                type: 'resync',
                receivedAt: Date.now(),
                statements,
                rulesVersion,
                ...(organizationUserId !== undefined && { organizationUserId }),
                bulk: true,
                look: { look: { contact, rules, rulesVersion, targets }, at: seenAt },
              },
            }),
          signal,
        });
        return {
          done,
          counts,
          ...(isHeld && { waiting: "Brevo's account refuses to work: see the held contacts" }),
        };
      });
    },

    async tidyUp({ run, planOf, keepPlan }) {
      const folder = new WorkFolder(root, run);
      await keepReport(root, folder);
      if (keepPlan) return;
      await folder.remove();
      if (planOf !== undefined) await new WorkFolder(root, planOf).remove();
    },
  };
}

/** @returns a failure that no repetition helps against */
function refused(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: RESYNC_REFUSED, message, nonRetryable: true });
}
