import { ApplicationFailure, activityInfo, heartbeat } from '@temporalio/activity';
import type { BrevoAccount } from '../brevo/accounts';
import type { AttributeEntry } from '../brevo/attribute-directory';
import type { CallOptions } from '../brevo/client';
import { attributesIn, targetsOf, viewOf } from '../brevo/contact-view';
import { BrevoError, BrevoRefusedError, BrevoUnavailableError } from '../brevo/errors';
import { rulesVersion } from '../config/rules-version';
import type { Identifier } from '../consent/identifier';
import type { Rules } from '../consent/rules';
import {
  type Admission,
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
import { awaitBrevo } from './await-brevo';
import { beating } from './beating';
import { callOptions, workflowId } from './call-options';
import { clearBlacklist } from './clear-blacklist';
import { asTemporalFailure } from './failures';
import type { Integrations } from './integrations';
import { LedgerChangedError, requireLedgerSeen } from './ledger-seen';

/**
 * The activities of `consentSync`: thin, one call to Brevo each, retried by Temporal alone.
 *
 * @param forgottenSince when the contact of an integration was forgotten, in ms since 1970; absent: nobody is
 */
export function contactActivities(
  integrations: Integrations,
  forgottenSince?: (integration: string, workflowId: string) => Promise<number | undefined>,
): ContactActivities {
  return {
    async lookUpContact(input: LookUpInput): Promise<Look> {
      const { integration, account, options } = open(integrations, input);
      return inTemporalTerms(async () => {
        const { rules } = integration;
        const types = await typesOf(account, input, rules, options());
        const entries = types ?? withoutTypes(attributesIn(rules));
        const contact = await account.client.getContact(input.identifier, options());
        return {
          contact: contact && viewOf(contact, entries),
          rules,
          rulesVersion: rulesVersion(rules),
          targets: types ? targetsOf(types) : [],
          ...(!types && { typesUnknown: true as const }),
        };
      });
    },

    async createContact(input: CreateInput): Promise<CreatedContact> {
      const { integration, account, options, endTurn } = open(integrations, input);
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
          const { id } = await account.client.createContact(contact, options()).finally(endTurn);
          return { contactId: id };
        },
        // An earlier attempt may have created it without our hearing of it.
        activityInfo().attempt > 1 ? { mayBeOursSince: activityInfo().scheduledTimestampMs } : {},
      );
    },

    async updateContact(input: UpdateInput): Promise<Written> {
      const { integration, account, options, endTurn } = open(integrations, input);
      const { contactId, attributes, emailBlacklisted, identifier } = input;
      requireRules(integration.rules, input.rulesVersion);
      const contact = byContactId(contactId);
      return inTemporalTerms(async () => {
        try {
          const lasts = integration.rules.rememberMs;
          await requireLedgerSeen(account.client, contact, input, lasts, () => options(identifier));
          await account.client.updateContact(
            contact,
            { attributes, ...(emailBlacklisted && { emailBlacklisted }) },
            options(identifier),
          );
        } finally {
          endTurn();
        }
        return earlierAttempts();
      });
    },

    async clearBlacklist(input: ClearInput): Promise<Clearing> {
      const { integration, account, options, endTurn } = open(integrations, input);
      requireRules(integration.rules, input.rulesVersion);
      return inTemporalTerms(async () => ({
        ...(await clearBlacklist(account.client, byContactId(input.contactId), input, {
          mayHaveCleared: input.begunBefore || activityInfo().attempt > 1,
          options: () => options(input.identifier),
          forgottenSince: forgottenSince && (() => forgottenSince(input.integration, workflowId())),
        }).finally(endTurn)),
        ...earlierAttempts(),
      }));
    },

    awaitBrevo: (input) => beating(() => awaitBrevo(integrations.open(input.integration).account, input)),
  };
}

/** The integration, and how its account is called for this contact: in its turn, where it has it. */
function open(
  integrations: Integrations,
  { integration: name, gate }: { integration: string; gate?: Admission },
) {
  const { integration, account } = integrations.open(name);
  const who = workflowId();
  if (gate?.news) account.gate.learn(gate.news);
  account.room.prolongTurn(who);
  return {
    integration,
    account,
    options: (about?: Identifier) => ({
      ...callOptions(name, about),
      caller: { who, turn: gate?.turn ?? account.room.turnOf(who) },
    }),
    endTurn: () => account.room.endTurn(who),
  };
}

async function inTemporalTerms<T>(
  act: () => Promise<T>,
  detail: { mayBeOursSince?: number } = {},
): Promise<T> {
  const known = knownAttempts();
  try {
    return await beating(act, known);
  } catch (error) {
    if (known.settledUpTo === activityInfo().attempt - 1 && leavesNothing(error)) {
      heartbeat({ settledUpTo: activityInfo().attempt });
    }
    const doubt = error instanceof LedgerChangedError ? earlierAttempts() : {};
    throw asTemporalFailure(error, { ...detail, ...doubt });
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

/** The types of what is mapped, or nothing where Brevo does not tell them and the caller can do without. */
async function typesOf(
  account: BrevoAccount,
  { mayLackTypes }: LookUpInput,
  rules: Rules,
  options: CallOptions,
): Promise<ReadonlyMap<string, AttributeEntry> | undefined> {
  try {
    return await attributesOf(account, attributesIn(rules), options);
  } catch (error) {
    // Whether the account is held, the look itself will tell.
    if (mayLackTypes && error instanceof BrevoError) return undefined;
    throw error;
  }
}

/** Enough to read a contact's values by. */
function withoutTypes(ids: readonly string[]): ReadonlyMap<string, AttributeEntry> {
  return new Map(ids.map((id) => [id, { name: id.toUpperCase(), type: { kind: 'missing' } }]));
}

/** The types of the attributes. A list that cannot be read says nothing about the contact: asked again. */
async function attributesOf(
  account: BrevoAccount,
  ids: readonly string[],
  options: CallOptions,
): Promise<ReadonlyMap<string, AttributeEntry>> {
  try {
    return await account.attributes.lookUp(ids, options);
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

function byContactId(id: number): Identifier {
  return { kind: 'contact_id', value: String(id) };
}

function listsOf({ listId }: Rules): { listIds?: number[] } {
  return listId === undefined ? {} : { listIds: [listId] };
}
