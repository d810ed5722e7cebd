import type { Config } from '../config';
import { rulesVersion } from '../config/rules-version';
import type { ConsentChange } from '../consent/change';
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
  readonly signal?: Signal;
  /** To the contact that the Didomi user stood for before, which only learns of it: nobody waits for its outcome. */
  readonly former?: Signal;
}

/** A change on its way to one contact's workflow. */
export interface Signal {
  readonly integration: string;
  readonly identifier: Identifier;
  readonly workflowId: string;
  readonly change: SubmittedChange;
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
    const signalTo = (identifier: Identifier, change: ConsentChange): Signal => ({
      integration,
      identifier,
      workflowId: keys.workflowId(integration, identifier),
      change: { ...change, eventKey: keys.eventKey(change.eventId), rulesVersion: rulesVersion(rules) },
    });
    const former = read.former && { former: signalTo(read.former.identifier, read.former.change) };
    if (read.status === 'ignored') {
      const { eventId, reason } = read;
      return { result: { eventId, integration, status: 'ignored', reason }, ...former };
    }
    const { eventId, identifier, change, ambiguous } = read;
    const signal = signalTo(identifier, change);
    const { workflowId } = signal;
    const doubts = ambiguous.length > 0 && { ambiguous };
    return {
      result: { eventId, integration, status: 'accepted', workflowId, ...doubts },
      signal,
      ...former,
    };
  });
}
