import { activityInfo, Context, heartbeat } from '@temporalio/activity';
import type { AttributeEntry } from '../brevo/attribute-directory';
import type { Priority } from '../brevo/budget';
import type { CallOptions } from '../brevo/client';
import type { BrevoContact } from '../brevo/contact';
import { BrevoHeldError } from '../brevo/errors';
import { rulesVersion } from '../config/rules-version';
import type { Contact } from '../consent/contact';
import type { Identifier } from '../consent/identifier';
import { BLACKLIST_FLAG, type Rules } from '../consent/rules';
import type {
  ClearInput,
  Clearing,
  ContactActivities,
  CreatedContact,
  CreateInput,
  Look,
  LookUpInput,
  UpdateInput,
  Written,
} from '../workflows/activities-contract';
import { clearBlacklist } from './clear-blacklist';
import { asTemporalFailure } from './failures';
import type { Integrations } from './integrations';

/** Longest wait for a turn inside an activity, in ms; a longer one is handed to Temporal. */
const MAX_WAIT_MS = 5_000;

/** Temporal learns from heartbeats that a worker has died, and tells a cancellation in its answer to one. */
const HEARTBEAT_EVERY_MS = 3_000;

/** The activities of `consentSync`: thin, one call to Brevo each, retried by Temporal alone. */
export function contactActivities(integrations: Integrations): ContactActivities {
  return {
    async lookUpContact({ integration: name, identifier }: LookUpInput): Promise<Look> {
      const { integration, account } = integrations.open(name);
      return inTemporalTerms(async () => {
        const { rules } = integration;
        const ids = rules.mappings.map(({ id }) => id).filter((id) => id !== BLACKLIST_FLAG);
        const entries = await account.attributes.lookUp(ids);
        const contact = await account.client.getContact(identifier, callOptions());
        return {
          contact: contact && viewOf(contact, entries),
          rules,
          rulesVersion: rulesVersion(rules),
          targets: [...entries].map(([id, entry]) => ({ id, ...entry })),
        };
      });
    },

    async createContact(input: CreateInput): Promise<CreatedContact> {
      const { integration, account } = integrations.open(input.integration);
      const { identifier, attributes, emailBlacklisted } = input;
      return inTemporalTerms(
        async () => {
          const contact = {
            identifier,
            attributes,
            ...(emailBlacklisted && { emailBlacklisted: true as const }),
            ...listsOf(integration.rules),
          };
          const { id } = await account.client.createContact(contact, callOptions());
          return { contactId: id };
        },
        // An earlier attempt may have created it without our hearing of it.
        activityInfo().attempt > 1 ? { mayBeOursSince: activityInfo().scheduledTimestampMs } : {},
      );
    },

    async updateContact(input: UpdateInput): Promise<Written> {
      const { account } = integrations.open(input.integration);
      const { contactId, attributes, emailBlacklisted } = input;
      return inTemporalTerms(async () => {
        const from = Date.now();
        await account.client.updateContact(
          byContactId(contactId),
          { attributes, ...(emailBlacklisted && { emailBlacklisted }) },
          callOptions(),
        );
        return { from, to: Date.now() };
      });
    },

    async clearBlacklist(input: ClearInput): Promise<Clearing> {
      const { account } = integrations.open(input.integration);
      return inTemporalTerms(() =>
        clearBlacklist(account.client, byContactId(input.contactId), input, {
          isRetry: activityInfo().attempt > 1,
          options: callOptions,
        }),
      );
    },

    async awaitBrevo({ integration: name }): Promise<void> {
      const { account } = integrations.open(name);
      try {
        await account.client.listAttributes(callOptions());
      } catch (error) {
        if (!(error instanceof BrevoHeldError)) throw asTemporalFailure(error);
        // Not final here: Temporal asks again until the account works.
        throw new Error(`Brevo's account is still held. ${error.message}`);
      }
    },
  };
}

async function inTemporalTerms<T>(
  act: () => Promise<T>,
  detail: { mayBeOursSince?: number } = {},
): Promise<T> {
  heartbeat();
  const beating = setInterval(() => heartbeat(), HEARTBEAT_EVERY_MS);
  try {
    return await act();
  } catch (error) {
    throw asTemporalFailure(error, detail);
  } finally {
    clearInterval(beating);
  }
}

/** A cancelled activity makes no further call; whoever cancelled it looks again before writing anything else. */
function callOptions(): CallOptions {
  return {
    priority: priorityOf(activityInfo().priority?.priorityKey),
    maxWaitMs: MAX_WAIT_MS,
    signal: Context.current().cancellationSignal,
  };
}

/** Temporal's priority keys, as the workflow gives them: 1 for withdrawals, 5 for bulk. */
function priorityOf(key = 3): Priority {
  if (key <= 1) return 'withdrawal';
  return key >= 5 ? 'bulk' : 'live';
}

function byContactId(id: number): Identifier {
  return { kind: 'contact_id', value: String(id) };
}

function listsOf({ listId }: Rules): { listIds?: number[] } {
  return listId === undefined ? {} : { listIds: [listId] };
}

/** Only what is mapped goes into a history. */
function viewOf(contact: BrevoContact, entries: ReadonlyMap<string, AttributeEntry>): Contact {
  const { id, emailBlacklisted, attributes, createdAt } = contact;
  const mapped = [...entries].flatMap(([attributeId, { name }]) =>
    attributes[name] === undefined || attributes[name] === null ? [] : [[attributeId, attributes[name]]],
  );
  return {
    id,
    emailBlacklisted,
    attributes: Object.fromEntries(mapped),
    ...(createdAt && { createdAt: createdAt.getTime() }),
  };
}
