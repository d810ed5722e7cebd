import { ApplicationFailure } from '@temporalio/activity';
import { BrevoHeldError } from '../../brevo/errors';
import type { EncryptionSettings } from '../../config';
import type { Identifier } from '../../consent/identifier';
import type { DidomiApi } from '../../didomi/api/didomi-api';
import { DidomiApiError, DidomiHeldError } from '../../didomi/api/errors';
import { NoExportError } from '../../didomi/export/find-export';
import { comparedBy, compareStep, comparisonOf, mustHoldDiffering } from '../../resync/compare-step';
import type { ComparedBy, Differing } from '../../resync/differing';
import { forgetKept, type KeptContact } from '../../resync/forget-kept';
import { KnownGuards } from '../../resync/known-guards';
import { forgetLeftovers } from '../../resync/leftovers';
import { LostWorkError } from '../../resync/line-file';
import { OpenSources } from '../../resync/open-sources';
import { NothingToReadError, readStep } from '../../resync/read-step';
import { forgetOldReports, keepReport } from '../../resync/report';
import { rereading } from '../../resync/reread';
import { type Settled, submitStep } from '../../resync/submit';
import { WorkFolder } from '../../resync/work-folder';
import { GIVEN_LOOK_LASTS_MS, type SubmittedChange } from '../../workflows/contract';
import { RESYNC_REFUSED, type ResyncActivities, type Step } from '../../workflows/resync/activities-contract';
import type { Didomi } from '../didomi';
import { didomiFailure } from '../didomi-failures';
import { asTemporalFailure } from '../failures';
import type { Integrations } from '../integrations';
import { countsAfterComparing, countsWhileSubmitting, driftOf, planOf } from './counts';
import { inStep } from './step';

export interface ResyncParts {
  readonly integrations: Integrations;
  readonly didomi: Didomi;
  /** Folder of the runs' files. */
  readonly root: string;
  /** How those are encrypted; absent: not at all. */
  readonly encryption?: EncryptionSettings | undefined;
  /** Where these activities are taken. */
  readonly taskQueue: string;
  readonly keyOf: (identifier: Identifier) => string;
  /** A run of the integration that began before this one and has not ended. */
  readonly olderRun: (integration: string, run: string) => Promise<string | undefined>;
  /** Names of all runs that have not ended. */
  readonly running: () => Promise<readonly string[]>;
  /** Keys of the contacts whose workflows have something to write. */
  readonly owed: (integration: string) => Promise<ReadonlySet<string>>;
  /** Contacts that are to be forgotten, or are. */
  readonly forgotten: () => Promise<readonly KeptContact[]>;
  /** Resolves once the contact's workflow has settled the change; {@link FORGOTTEN} where it may not know it any more. */
  readonly submit: (integration: string, contact: Submitted) => Promise<Settled>;
}

export interface Submitted extends Pick<Differing, 'identifier' | 'heldUpTo'> {
  readonly change: SubmittedChange;
}

/** The steps of a resync, on the disk of this machine. */
export function resyncActivities(parts: ResyncParts): ResyncActivities {
  const { integrations, root, keyOf } = parts;
  const workFolder = (run: string) => new WorkFolder(root, run, parts.encryption);
  const sources = new OpenSources();
  return {
    async offerToRead() {
      return parts.taskQueue;
    },

    async claimIntegration({ integration, run }) {
      const older = await parts.olderRun(integration, run);
      if (older !== undefined) throw refused(`Another resync of "${integration}" is under way: ${older}.`);
    },

    async readSource({ integration, run, source }) {
      const rules = integrations.rulesOf(integration);
      const folder = workFolder(run);
      const api = () => asking(parts.didomi);
      return orWait(() =>
        inStep((signals): Promise<Step> => readStep({ folder, source, rules, api, sources, signals })),
      );
    },

    async compareWithBrevo({ integration, run }) {
      const { integration: opened, account } = integrations.open(integration);
      const { rules, requestsPerSecond } = opened;
      const guards = await KnownGuards.open(root, integration);
      const folder = workFolder(run);
      return orWait(() =>
        inStep(async (signals): Promise<Step> => {
          const comparison = await compareStep({
            folder,
            account,
            rules,
            keyOf,
            signals,
            guards,
            owed: () => parts.owed(integration),
          });
          return {
            done: comparison.done,
            counts: countsAfterComparing(comparison),
            ...(comparison.share !== undefined && { share: comparison.share }),
            ...(comparison.done && {
              plan: planOf(comparison, requestsPerSecond),
              drift: driftOf(comparison, 0),
            }),
          };
        }),
      );
    },

    async submitDiffering({ integration, run, planOf: planned, rate }) {
      const planFolder = workFolder(planned ?? run);
      const by = await comparedBy(planFolder);
      if (!by) throw refused(`The plan ${planned ?? run} is not on this machine.`);
      const compared = await comparisonOf(planFolder);
      const { account } = integrations.open(integration);
      const guards = await KnownGuards.open(root, integration);
      await orRefuse(() => mustHoldDiffering(planFolder));
      return inStep(async (signals): Promise<Step> => {
        const { done, counts, isHeld } = await submitStep({
          folder: workFolder(run),
          planFolder,
          ...(rate !== undefined && { rate }),
          guards,
          reread: rereading(account, by.rules, signals.interrupted),
          lookLastsMs: lookLastsMs(by),
          keyOf: ({ identifier }) => keyOf(identifier),
          submit: (contact) =>
            parts.submit(integration, {
              identifier: contact.identifier,
              ...(contact.heldUpTo !== undefined && { heldUpTo: contact.heldUpTo }),
              change: changeOf(contact, run, by),
            }),
          signals,
        });
        return {
          done,
          counts: countsWhileSubmitting(counts, compared, planned === undefined),
          drift: driftOf(compared, counts.guarded),
          ...(isHeld && { waiting: "Brevo's account refuses to work: the held contacts tell why" }),
        };
      });
    },

    async tidyUp({ run, planOf: planned, keepPlan: isPlan, ended }) {
      const folder = workFolder(run);
      sources.close(run);
      await keepReport(root, folder, ended);
      // Also what this run told of them before, and what runs on this disk had told that were over by then.
      await forgetKept(root, await parts.forgotten());
      await forgetOldReports(root, Date.now());
      await forgetLeftovers(root, await parts.running(), Date.now());
      if (isPlan) return;
      await folder.remove();
      if (planned !== undefined) await workFolder(planned).remove();
    },
  };
}

/** In ms: the rest of what a given look lasts is for the wait in the workflow. */
function lookLastsMs({ rules }: ComparedBy): number {
  return GIVEN_LOOK_LASTS_MS[rules.ledgerAttribute ? 'withLedger' : 'alone'] / 2;
}

function changeOf(
  { organizationUserId, statements, found }: Differing,
  run: string,
  { rules, rulesVersion, targets }: ComparedBy,
): SubmittedChange {
  const eventId = `resync-${run}`;
  return {
    eventId,
    eventKey: eventId,
    type: 'resync',
    receivedAt: Date.now(),
    statements,
    rulesVersion,
    bulk: true,
    ...(organizationUserId !== undefined && { organizationUserId }),
    ...(found && {
      look: { look: { contact: found.contact, rules, rulesVersion, targets }, at: found.seenAt },
    }),
  };
}

function asking(didomi: Didomi): Pick<DidomiApi, 'usersOf' | 'pageOfUsers'> {
  return {
    usersOf: (...args) => didomi.ask((api) => api.usersOf(...args)),
    pageOfUsers: (...args) => didomi.ask((api) => api.pageOfUsers(...args)),
  };
}

/** Where an account refuses to work the run waits, and says so. */
async function orWait(step: () => Promise<Step>): Promise<Step> {
  try {
    return await orRefuse(step);
  } catch (error) {
    if (error instanceof BrevoHeldError || error instanceof DidomiHeldError) {
      return { done: false, counts: {}, waiting: error.message };
    }
    throw error instanceof DidomiApiError ? didomiFailure(error, true) : asTemporalFailure(error, {});
  }
}

/** What no repetition helps against ends the run. */
async function orRefuse<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw isBeyondRepetition(error) ? refused(error.message) : error;
  }
}

function isBeyondRepetition(error: unknown): error is Error {
  return (
    error instanceof NoExportError ||
    error instanceof NothingToReadError ||
    error instanceof LostWorkError ||
    isMissing(error)
  );
}

function isMissing(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** @returns a failure that no repetition helps against */
function refused(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: RESYNC_REFUSED, message, nonRetryable: true });
}
