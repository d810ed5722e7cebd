import type { Config } from '../config';
import { rulesVersion } from '../config/rules-version';
import type { Identifier } from '../consent/identifier';
import type { Outcome } from '../consent/outcome';
import { type IgnoredReason, interpret } from '../didomi/interpret';
import { readMessage } from '../didomi/message';
import type { SubmittedChange } from '../workflows/contract';
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

/** An event as it goes to Temporal for one integration, or why it does not. */
export interface Submission {
  readonly result: SubmitResult;
  readonly signal?: {
    readonly integration: string;
    readonly identifier: Identifier;
    readonly workflowId: string;
    readonly change: SubmittedChange;
  };
}

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
  return [...config.integrations].map(([integration, { rules }]) => {
    const read = interpret(understood, rules, receivedAt);
    if (read.status === 'ignored') {
      return { result: { eventId: read.eventId, integration, status: 'ignored', reason: read.reason } };
    }
    const { eventId, identifier, change, ambiguous } = read;
    const workflowId = keys.workflowId(integration, identifier);
    return {
      result: {
        eventId,
        integration,
        status: 'accepted',
        workflowId,
        ...(ambiguous.length > 0 && { ambiguous }),
      },
      signal: {
        integration,
        identifier,
        workflowId,
        change: { ...change, eventKey: keys.eventKey(eventId), rulesVersion: rulesVersion(rules) },
      },
    };
  });
}
