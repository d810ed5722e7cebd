import { ApplicationFailure, activityInfo, Context, heartbeat } from '@temporalio/activity';
import type { BrevoAccount } from '../brevo/accounts';
import type { AttributeEntry } from '../brevo/attribute-directory';
import type { Priority } from '../brevo/budget';
import type { CallOptions } from '../brevo/client';
import { attributesIn, targetsOf, viewOf } from '../brevo/contact-view';
import { BrevoError, BrevoRefusedError, BrevoUnavailableError } from '../brevo/errors';
import { rulesVersion } from '../config/rules-version';
import type { Identifier } from '../consent/identifier';
import type { Rules } from '../consent/rules';
import {
  BREVO_FAILURES,
  type ClearInput,
  type Clearing,
  type ContactActivities,
  type CreatedContact,
  type CreateInput,
  type Look,
  type LookUpInput,
  type UpdateInput,
  type Written,
} from '../workflows/activities-contract';
import { clearBlacklist } from './clear-blacklist';
import { asTemporalFailure } from './failures';
import type { Integrations } from './integrations';

/**
 * Longest wait for a turn inside an activity, in ms; a longer one is handed to Temporal. Rarely met, as no more is
 * fetched from Temporal than goes at once; five such waits and calls fit into an activity's time.
 */
const MAX_WAIT_MS = 15_000;

/** Temporal learns from heartbeats that a worker has died, and tells a cancellation in its answer to one. */
const HEARTBEAT_EVERY_MS = 3_000;

/** The activities of `consentSync`: thin, one call to Brevo each, retried by Temporal alone. */
export function contactActivities(integrations: Integrations): ContactActivities {
  return {
    async lookUpContact({ integration: name, identifier }: LookUpInput): Promise<Look> {
      const { integration, account } = integrations.open(name);
      return inTemporalTerms(async () => {
        const { rules } = integration;
        const entries = await attributesOf(account, attributesIn(rules));
        const contact = await account.client.getContact(identifier, callOptions(name));
        return {
          contact: contact && viewOf(contact, entries),
          rules,
          rulesVersion: rulesVersion(rules),
          targets: targetsOf(entries),
        };
      });
    },

    async createContact(input: CreateInput): Promise<CreatedContact> {
      const { integration, account } = integrations.open(input.integration);
      requireRules(integration.rules, input.rulesVersion);
      const { identifier, attributes, emailBlacklisted } = input;
      return inTemporalTerms(
        async () => {
          const contact = {
            identifier,
            attributes,
            ...(emailBlacklisted && { emailBlacklisted: true as const }),
            ...listsOf(integration.rules),
          };
          const { id } = await account.client.createContact(contact, callOptions(input.integration));
          return { contactId: id };
        },
        // An earlier attempt may have created it without our hearing of it.
        activityInfo().attempt > 1 ? { mayBeOursSince: activityInfo().scheduledTimestampMs } : {},
      );
    },

    async updateContact(input: UpdateInput): Promise<Written> {
      const { integration, account } = integrations.open(input.integration);
      const { contactId, attributes, emailBlacklisted, identifier } = input;
      requireRules(integration.rules, input.rulesVersion);
      return inTemporalTerms(async () => {
        await account.client.updateContact(
          byContactId(contactId),
          { attributes, ...(emailBlacklisted && { emailBlacklisted }) },
          callOptions(input.integration, identifier),
        );
        return earlierAttempts();
      });
    },

    async clearBlacklist(input: ClearInput): Promise<Clearing> {
      const { integration, account } = integrations.open(input.integration);
      requireRules(integration.rules, input.rulesVersion);
      return inTemporalTerms(async () => ({
        ...(await clearBlacklist(account.client, byContactId(input.contactId), input, {
          mayHaveCleared: input.begunBefore || activityInfo().attempt > 1,
          options: () => callOptions(input.integration, input.identifier),
        })),
        ...earlierAttempts(),
      }));
    },

    async awaitBrevo({ integration: name }): Promise<void> {
      const { account } = integrations.open(name);
      try {
        await account.client.listAttributes(callOptions(name));
      } catch (error) {
        // Nothing is final here: Temporal asks again until the account works.
        throw new Error(error instanceof BrevoError ? error.message : 'Brevo could not be asked.');
      }
    },
  };
}

async function inTemporalTerms<T>(
  act: () => Promise<T>,
  detail: { mayBeOursSince?: number } = {},
): Promise<T> {
  const known = knownAttempts();
  // What a first attempt knows is what the next one takes for granted: most activities end before they have to beat.
  if (activityInfo().attempt > 1) heartbeat(known);
  const beating = setInterval(() => heartbeat(known), HEARTBEAT_EVERY_MS);
  try {
    return await act();
  } catch (error) {
    if (known.settledUpTo === activityInfo().attempt - 1 && leavesNothing(error)) {
      heartbeat({ settledUpTo: activityInfo().attempt });
    }
    throw asTemporalFailure(error, detail);
  } finally {
    clearInterval(beating);
  }
}

/** What one attempt leaves for the next: up to this attempt, no write of this activity is without an answer. */
interface KnownAttempts {
  readonly settledUpTo: number;
}

function knownAttempts(): KnownAttempts {
  const left = activityInfo().heartbeatDetails as Partial<KnownAttempts> | undefined;
  return { settledUpTo: left?.settledUpTo ?? 0 };
}

/** A write that got no answer, or whose worker died, may still be carried out. */
function earlierAttempts(): Written {
  return knownAttempts().settledUpTo < activityInfo().attempt - 1 ? { inDoubt: true } : {};
}

/** Nothing that the attempt asked for may still be carried out. */
function leavesNothing(error: unknown): boolean {
  if (error instanceof BrevoUnavailableError) return !error.mayHaveHappened;
  return error instanceof BrevoError;
}

/** A cancelled activity makes no further call; whoever cancelled it looks again before writing anything else. */
function callOptions(integration: string, about?: Identifier): CallOptions {
  return {
    party: integration,
    priority: priorityOf(activityInfo().priority?.priorityKey),
    maxWaitMs: MAX_WAIT_MS,
    signal: Context.current().cancellationSignal,
    ...(about && { secrets: [about.value] }),
  };
}

/** The types of the attributes. A list that cannot be read says nothing about the contact: asked again. */
async function attributesOf(
  account: BrevoAccount,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AttributeEntry>> {
  try {
    return await account.attributes.lookUp(ids);
  } catch (error) {
    if (!(error instanceof BrevoRefusedError)) throw error;
    throw new BrevoUnavailableError(error.message, error, false);
  }
}

/** @throws ApplicationFailure when what is to be written was decided by other rules than this worker's */
function requireRules(rules: Rules, version: string): void {
  if (rulesVersion(rules) === version) return;
  throw ApplicationFailure.create({
    type: BREVO_FAILURES.rulesChanged,
    message: 'The configuration of this worker is another one than that of the decision: it is decided anew.',
    details: [{ reason: 'the workers have different configurations' }],
    nonRetryable: true,
  });
}

/** Temporal's priority keys, as the workflow gives them. */
function priorityOf(key = 3): Priority {
  if (key <= 1) return 'withdrawal';
  if (key >= 5) return 'bulk';
  return key === 4 ? 'bulkWithdrawal' : 'live';
}

function byContactId(id: number): Identifier {
  return { kind: 'contact_id', value: String(id) };
}

function listsOf({ listId }: Rules): { listIds?: number[] } {
  return listId === undefined ? {} : { listIds: [listId] };
}
