import { randomUUID } from 'node:crypto';
import {
  type Client,
  Connection,
  Client as TemporalClient,
  WithStartWorkflowOperation,
  type WorkflowStartOptions,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure, defineSearchAttributeKey, type Workflow } from '@temporalio/common';
import { type Config, loadConfig } from '../config';
import { DidomiMessageError } from '../didomi/message-error';
import {
  CONSENT_CHANGE_SIGNAL,
  CONSENT_SYNC_WORKFLOW,
  type ConsentSyncInput,
  SEARCH_ATTRIBUTES,
  type SettledChange,
  SUBMIT_AND_WAIT_UPDATE,
  type SubmittedChange,
} from '../workflows/contract';
import { Addresses } from './addresses';
import { ContactFinder } from './contact-finder';
import { defaultConnection } from './default-connection';
import { isTemporalError, TemporalUnavailableError } from './errors';
import { Keys } from './keys';
import { type ContactStory, Stories } from './stories';
import { readSubmissions, type Signal, type Submission, type SubmitResult } from './submission';

export interface ConnectOptions {
  /** Path of the configuration file, or its content. Default: as the command line does. */
  readonly config?: string | object;
  /**
   * Secret for contact keys, at least 32 characters. Default: `CONSENT_SYNC_ID_KEY`, or the one kept beside the
   * embedded Temporal server's database.
   */
  readonly idKey?: string;
  /** A connected Temporal client. Default: the server that the environment, Temporal's profile or `start` names. */
  readonly connection?: Client;
}

/** How long Temporal may take to store an event, in ms. */
const STORE_DEADLINE_MS = 5_000;
/** Calls to Temporal under way for one submission; more would only wait there, and miss the deadline. */
const STORED_AT_ONCE = 32;
const ATTEMPTS_TO_WAIT = 3;

/** For a person who opens the workflow in the Temporal UI and does not know us. */
const STATIC_DETAILS = [
  'Keeps one Brevo contact in step with the consent that Didomi collected.',
  'Current details say what is in force, since when and from which event, and what Brevo was told.',
  'The search attribute `ConsentSyncOutcome` has the outcome.',
].join(' ');

/** Submits Didomi's consent events to consent-sync, and asks what became of them. */
export class ConsentSyncClient {
  private readonly keys: Keys;
  private readonly stories: Stories;
  private readonly addresses: Addresses;

  /** @param ownsConnection whether close() closes the connection */
  constructor(
    private readonly config: Config,
    idKey: string,
    private readonly temporal: Client,
    private readonly ownsConnection = false,
  ) {
    this.keys = new Keys(idKey);
    this.stories = new Stories(config, this.keys, temporal);
    const finder = new ContactFinder(temporal, (call) => this.speaking(call));
    this.addresses = new Addresses(finder, this.keys);
  }

  /**
   * @throws ConfigError when the configuration is not valid
   * @throws TemporalUnavailableError when Temporal cannot be reached
   */
  static async connect({ config, idKey, connection }: ConnectOptions = {}): Promise<ConsentSyncClient> {
    const loaded = loadConfig(typeof config === 'object' ? { object: config } : { file: config });
    requireLongEnough(idKey);
    if (connection && idKey) return new ConsentSyncClient(loaded, idKey, connection);
    const found = await defaultConnection(process.env, idKey);
    if (connection) return new ConsentSyncClient(loaded, found.idKey, connection);
    const connected = await Connection.connect({ ...found.options, connectTimeout: STORE_DEADLINE_MS }).catch(
      (error: unknown) => {
        throw new TemporalUnavailableError(found.options.address ?? '', error);
      },
    );
    const temporal = new TemporalClient({ connection: connected, namespace: found.namespace });
    return new ConsentSyncClient(loaded, found.idKey, temporal, true);
  }

  /**
   * Submits one Didomi webhook message, or an array of them, plain or flattened. Resolves once Temporal has stored
   * everything; submitting again is harmless.
   *
   * @returns one result an event and integration
   * @throws DidomiMessageError when a message is not understood; then nothing was submitted
   * @throws TemporalUnavailableError when Temporal did not take everything: submit again
   */
  async submit(events: unknown): Promise<SubmitResult[]> {
    const submissions = this.read(events);
    await this.storeAll(byWorkflow(submissions));
    const { addressed, copies } = await this.addresses.complete(submissions);
    const late = addressed.filter((_, index) => submissions[index]?.anonymous);
    await this.storeAll(byWorkflow([...late, ...copies]));
    return addressed.map(({ result }) => result);
  }

  /**
   * As `submit`, and waits until each event's part is settled in Brevo, or held.
   *
   * @returns results with their `outcome`
   */
  async submitAndWait(events: unknown): Promise<SubmitResult[]> {
    const submissions = this.read(events);
    const settled = await Promise.all(submissions.map((submission) => this.settle(submission)));
    const { addressed, copies } = await this.addresses.complete(submissions);
    await this.storeAll(byWorkflow(copies));
    return Promise.all(
      addressed.map((one, index) =>
        submissions[index]?.anonymous ? this.settle(one) : (settled[index] ?? one.result),
      ),
    );
  }

  /** What became of a contact, for each integration that knows it. */
  status(organizationUserId: string): Promise<ContactStory[]> {
    return this.stories.ofContact(organizationUserId);
  }

  /** As `status`, for an organization_user_id, a Didomi event id or a workflow id. */
  trace(id: string): Promise<ContactStory[]> {
    return this.stories.find(id);
  }

  /** Ends the connection, if it was made here. */
  async close(): Promise<void> {
    if (this.ownsConnection) await this.temporal.connection.close();
  }

  private read(events: unknown): Submission[] {
    const receivedAt = Date.now();
    if (!Array.isArray(events)) return readSubmissions(events, this.config, this.keys, receivedAt);
    return events.flatMap((event, index) => {
      try {
        return readSubmissions(event, this.config, this.keys, receivedAt).map((submission) => {
          return { ...submission, result: { index, ...submission.result } };
        });
      } catch (error) {
        throw error instanceof DidomiMessageError ? error.at(index) : error;
      }
    });
  }

  /** One contact's events keep their order; contacts do not wait for each other, save that many at once are enough. */
  private async storeAll(contacts: Signal[][]): Promise<void> {
    const storeNext = async (): Promise<void> => {
      for (let signals = contacts.shift(); signals; signals = contacts.shift()) {
        for (const signal of signals) await this.store(signal);
      }
    };
    await Promise.all(Array.from({ length: Math.min(contacts.length, STORED_AT_ONCE) }, storeNext));
  }

  private async store(signal: Signal): Promise<void> {
    const options = {
      signal: CONSENT_CHANGE_SIGNAL,
      signalArgs: [signal.change],
      ...this.startOptions(signal),
    };
    await this.speaking(() => this.temporal.workflow.signalWithStart(CONSENT_SYNC_WORKFLOW, options));
  }

  private async settle({ result, signal, former }: Submission): Promise<SubmitResult> {
    if (former) await this.store(former);
    if (!signal) return result;
    const { outcome } = await this.waitFor(signal, ATTEMPTS_TO_WAIT);
    return { ...result, outcome } as SubmitResult;
  }

  private async waitFor(signal: Signal, attempts: number): Promise<SettledChange> {
    const startWorkflowOperation = new WithStartWorkflowOperation<Workflow>(CONSENT_SYNC_WORKFLOW, {
      ...this.startOptions(signal),
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
    try {
      return await this.temporal.workflow.executeUpdateWithStart<Workflow, SettledChange, [SubmittedChange]>(
        SUBMIT_AND_WAIT_UPDATE,
        { startWorkflowOperation, args: [signal.change], updateId: randomUUID() },
      );
    } catch (error) {
      if (isTemporalError(error)) throw new TemporalUnavailableError(addressOf(this.temporal), error);
      if (attempts > 1 && endedMeanwhile(error)) return this.waitFor(signal, attempts - 1);
      throw error;
    }
  }

  private startOptions({ integration, identifier, workflowId, change }: Signal): WorkflowStartOptions & {
    args: [ConsentSyncInput];
  } {
    return {
      workflowId,
      taskQueue: this.config.temporal.taskQueue,
      args: [{ integration, identifier }],
      staticSummary: `${integration}: contact by ${identifier.kind}`,
      staticDetails: STATIC_DETAILS,
      typedSearchAttributes: [
        { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.integration, 'KEYWORD'), value: integration },
        {
          key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.eventIds, 'KEYWORD_LIST'),
          value: [change.eventKey],
        },
      ],
    };
  }

  private async speaking<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await this.temporal.withDeadline(Date.now() + STORE_DEADLINE_MS, call);
    } catch (error) {
      if (isTemporalError(error)) throw new TemporalUnavailableError(addressOf(this.temporal), error);
      throw error;
    }
  }
}

const SHORTEST_ID_KEY = 32;

function requireLongEnough(idKey: string | undefined): void {
  if (idKey === undefined || idKey.length >= SHORTEST_ID_KEY) return;
  throw new RangeError(
    `idKey must have at least ${SHORTEST_ID_KEY} characters: others could guess contact keys.`,
  );
}

function byWorkflow(submissions: readonly Submission[]): Signal[][] {
  const groups = new Map<string, Signal[]>();
  const signals = submissions.flatMap(({ signal, former }) => [signal, former]);
  for (const signal of signals.filter((one) => one !== undefined)) {
    const group = groups.get(signal.workflowId);
    if (group) group.push(signal);
    else groups.set(signal.workflowId, [signal]);
  }
  return [...groups.values()];
}

/** The workflow was done, or continued as new, before it took the update up. */
function endedMeanwhile(error: unknown): boolean {
  return (
    error instanceof WorkflowUpdateFailedError &&
    error.cause instanceof ApplicationFailure &&
    error.cause.type === 'AcceptedUpdateCompletedWorkflow'
  );
}

function addressOf({ connection }: Client): string {
  return connection instanceof Connection ? (connection.options.address ?? '') : '';
}
