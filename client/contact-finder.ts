import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Identifier } from '../consent/identifier';
import { CONSENT_SYNC_WORKFLOW, type ConsentSyncInput, SEARCH_ATTRIBUTES } from '../workflows/contract';
import { decodedValue } from './decoding';

/** An event that one integration may have received. */
export interface SoughtEvent {
  readonly integration: string;
  readonly eventKey: string;
}

/** Temporal's search lags behind what it has stored: pauses between two looks, in ms. */
const PAUSES_MS = [250, 750, 1_500] as const;

/** Event keys in one query; more would make it too long. */
const KEYS_IN_QUERY = 25;

/** Workflows looked at for one event: two contacts may have received it when the organization_user_id changed. */
const MAX_FOUND = 8;

/**
 * Finds whose event it was, for messages that do not say so. The identifier is in no place but the start of the contact's
 * workflow, and is read from there. Temporal's errors come out as they are.
 */
export class ContactFinder {
  /** @param speaking makes a call to Temporal with our deadline and errors */
  constructor(
    private readonly temporal: Client,
    private readonly speaking: <T>(call: () => Promise<T>) => Promise<T>,
  ) {}

  /** The contacts that received each event, in the order of `events`; none where no workflow knows it (any more). */
  async find(events: readonly SoughtEvent[]): Promise<(readonly Identifier[])[]> {
    const found = new Map<string, readonly Identifier[]>();
    const missing = () => events.filter((event) => !found.has(nameOf(event)));
    for (const ms of [...PAUSES_MS, undefined]) {
      for (const group of groups(missing())) await this.look(group, found);
      if (missing().length === 0 || ms === undefined) break;
      await pause(ms);
    }
    return events.map((event) => found.get(nameOf(event)) ?? []);
  }

  /** @param events of one integration */
  private async look(
    events: readonly SoughtEvent[],
    found: Map<string, readonly Identifier[]>,
  ): Promise<void> {
    for (const { workflowId, runId, keys } of await this.holders(events)) {
      const identifier = await this.identifierOf(workflowId, runId);
      if (!identifier) continue;
      for (const event of events.filter(({ eventKey }) => keys.includes(eventKey))) {
        found.set(nameOf(event), [...(found.get(nameOf(event)) ?? []), identifier]);
      }
    }
  }

  /** The latest run of each workflow that tells of one of the events. */
  private async holders(events: readonly SoughtEvent[]): Promise<Holder[]> {
    const [{ integration } = { integration: '' }] = events;
    // Names and keys have no character that would have to be escaped.
    const keys = events.map(({ eventKey }) => `"${eventKey}"`).join(', ');
    const query = `WorkflowType = "${CONSENT_SYNC_WORKFLOW}" AND ${SEARCH_ATTRIBUTES.integration} = "${integration}" AND ${SEARCH_ATTRIBUTES.eventIds} IN (${keys})`;
    return this.speaking(async () => {
      const holders = new Map<string, Holder>();
      const limit = MAX_FOUND * events.length;
      for await (const { workflowId, runId, searchAttributes } of this.temporal.workflow.list({ query })) {
        if (holders.has(workflowId)) continue;
        const known = searchAttributes[SEARCH_ATTRIBUTES.eventIds] ?? [];
        holders.set(workflowId, { workflowId, runId, keys: known.map(String) });
        if (holders.size === limit) break;
      }
      return [...holders.values()];
    });
  }

  /** From what the workflow was started with: its first history event alone. */
  private async identifierOf(workflowId: string, runId: string): Promise<Identifier | undefined> {
    const { workflowService, options } = this.temporal;
    const { history } = await this.speaking(() =>
      workflowService.getWorkflowExecutionHistory({
        namespace: options.namespace,
        execution: { workflowId, runId },
        maximumPageSize: 1,
      }),
    );
    const [payload] = history?.events?.at(0)?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    if (!payload) return undefined;
    return (await decodedValue<ConsentSyncInput>(this.temporal, payload, workflowId)).identifier;
  }
}

interface Holder {
  readonly workflowId: string;
  readonly runId: string;
  /** Event keys that the workflow tells of. */
  readonly keys: readonly string[];
}

function nameOf({ integration, eventKey }: SoughtEvent): string {
  return `${integration} ${eventKey}`;
}

/** By integration, few at a time. */
function groups(events: readonly SoughtEvent[]): SoughtEvent[][] {
  const byIntegration = new Map<string, SoughtEvent[]>();
  for (const event of events) {
    const group = byIntegration.get(event.integration);
    if (group) group.push(event);
    else byIntegration.set(event.integration, [event]);
  }
  return [...byIntegration.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / KEYS_IN_QUERY) }, (_, index) =>
      group.slice(index * KEYS_IN_QUERY, (index + 1) * KEYS_IN_QUERY),
    ),
  );
}
