import type { Config } from '../config';
import { rulesVersion } from '../config/rules-version';
import type { ConsentChange } from '../consent/change';
import type { Identifier } from '../consent/identifier';
import type { Outcome } from '../consent/outcome';
import { type IgnoredReason, type Interpretation, interpret } from '../didomi/interpret';
import { readMessage } from '../didomi/message';
import type { SubmittedChange } from '../workflows/contract';
import { type ForgetWish, forgetWorkflowId, type KeptContact } from '../workflows/forget/contract';
import type { Keys } from './keys';

/** What became of one event for one integration. */
export type SubmitResult = {
  /** Position of the message where several were submitted together. */
  readonly index?: number;
  readonly integration: string;
} & (
  | {
      /** null where a message of a type that we don't know has none. */
      readonly eventId: string | null;
      readonly status: 'ignored';
      readonly reason: IgnoredReason;
      /** What would have to be done so that it is not ignored, where the configuration can do something. */
      readonly fix?: string;
    }
  | {
      readonly eventId: string;
      readonly status: 'accepted';
      readonly workflowId: string;
      /** Mapped paths left out because the message answers them in two ways. */
      readonly ambiguous?: readonly string[];
      /** Set by submitAndWait. */
      readonly outcome?: Outcome;
    }
);

/** An event as it goes to one contact's workflow. */
export interface Signal {
  readonly integration: string;
  readonly identifier: Identifier;
  readonly workflowId: string;
  readonly change: SubmittedChange;
}

/** That a contact is to be forgotten, because its user was erased in Didomi. */
export interface ForgetOrder {
  readonly contact: KeptContact;
  /** Of the contact. */
  readonly workflowId: string;
  readonly wish: ForgetWish;
}

/** An event as it goes to Temporal for one integration, or why it does not. */
export interface Submission {
  readonly result: SubmitResult;
  readonly signal?: Signal;
  readonly forget?: ForgetOrder;
  /** To the contact that the Didomi user stood for before, which only learns of it: nobody waits for its outcome. */
  readonly former?: Signal;
  /** The message does not say whose event was deleted: until that is found out, it counts as ignored. */
  readonly anonymous?: Pick<Signal, 'integration' | 'change'>;
}

/** What the configuration can do about an ignored event. */
const FIXES: Partial<Record<IgnoredReason, string>> = {
  needs_didomi_api:
    'set `didomi` in the configuration: what holds after a deletion, only Didomi\'s API can tell; or have erased users forgotten with `on_user_deleted`: "forget"',
};

/**
 * Reads one Didomi message for every integration; nothing is sent.
 *
 * @param receivedAt ms since 1970
 * @throws DidomiMessageError naming the field that is not understood
 */
export function readSubmissions(
  message: unknown,
  config: Config,
  keys: Keys,
  receivedAt: number,
): Submission[] {
  const understood = readMessage(message);
  return [...config.integrations].map(([integration, { rules, onUserDeleted }]) => {
    const read = interpret(understood, rules, receivedAt, {
      canAskDidomi: config.didomi !== undefined,
      forgetsErasedUsers: onUserDeleted === 'forget',
    });
    const submitted = (change: ConsentChange) => ({
      integration,
      change: { ...change, eventKey: keys.eventKey(change.eventId), rulesVersion: rulesVersion(rules) },
    });
    if (read.status === 'anonymous') {
      const unknown = ignored(integration, read.eventId, 'no_organization_user_id');
      return { ...unknown, anonymous: submitted(read.change) };
    }
    if (read.status === 'erased') return toBeForgotten(integration, read, keys, receivedAt);
    const former = read.former && {
      former: accepted(submitted(read.former.change), read.former.identifier, keys).signal,
    };
    if (read.status === 'ignored') {
      return { ...ignored(integration, read.eventId, read.reason), ...former };
    }
    return { ...accepted(submitted(read.change), read.identifier, keys, read.ambiguous), ...former };
  });
}

/** An event that goes to this contact. */
export function accepted(
  { integration, change }: Pick<Signal, 'integration' | 'change'>,
  identifier: Identifier,
  keys: Keys,
  ambiguous: readonly string[] = [],
): Submission & { readonly signal: Signal } {
  const workflowId = keys.workflowId(integration, identifier);
  return {
    result: {
      eventId: change.eventId,
      integration,
      status: 'accepted',
      workflowId,
      ...(ambiguous.length > 0 && { ambiguous }),
    },
    signal: { integration, identifier, workflowId, change },
  };
}

function toBeForgotten(
  integration: string,
  { eventId, identifier, user }: Extract<Interpretation, { status: 'erased' }>,
  keys: Keys,
  receivedAt: number,
): Submission {
  const contact = { integration, contactKey: keys.contactKey(identifier) };
  return {
    result: { eventId, integration, status: 'accepted', workflowId: forgetWorkflowId(contact) },
    forget: {
      contact,
      workflowId: keys.workflowId(integration, identifier),
      wish: { at: receivedAt, user },
    },
  };
}

function ignored(integration: string, eventId: string | null, reason: IgnoredReason): Submission {
  const fix = FIXES[reason];
  return { result: { eventId, integration, status: 'ignored', reason, ...(fix !== undefined && { fix }) } };
}
