import { type Client, Connection } from '@temporalio/client';
import { type Config, loadConfig } from '../config';
import { identifierOf } from '../consent/identifier';
import type { KeptContact } from '../workflows/forget/contract';
import type { SourceSpec } from '../workflows/resync/contract';
import { Addresses } from './addresses';
import { ContactFinder } from './contact-finder';
import { ContactRuns } from './contact-runs';
import { ContactWorkflows, STORE_DEADLINE_MS } from './contact-workflows';
import { defaultConnection } from './default-connection';
import { ResyncRunningError, TemporalUnavailableError } from './errors';
import { type Failure, type FailureCount, type FailureFilter, Failures, type FoundFailure } from './failures';
import { Forgetting, type ForgottenContact, type HeldContact } from './forgetting';
import { Forgettings } from './forgettings';
import { Keys } from './keys';
import { readAll } from './reading';
import { ResyncRun } from './resync-run';
import { type NamedResync, Resyncs, workflowIdOf } from './resyncs';
import { type ContactStory, Stories } from './stories';
import { Storing } from './storing';
import type { Submission, SubmitResult } from './submission';
import { encrypting, temporalClient } from './temporal-client';

export interface ConnectOptions {
  /** Path of the configuration file, or its content. Default: as the command line does. */
  readonly config?: string | object;
  /**
   * Secret for contact keys, at least 32 characters. Default: `CONSENT_SYNC_ID_KEY`, or the one kept beside the
   * embedded Temporal server's database.
   */
  readonly idKey?: string;
  /**
   * A connected Temporal client. Default: the server that the environment, Temporal's profile or `start` names. With
   * `encryption` in the configuration only its connection, namespace, identity and interceptors are used: what is
   * written is encrypted as the configuration says, and a data converter of the client's own is left out.
   */
  readonly connection?: Client;
}

export interface StartResyncOptions {
  /** May be left out where there is only one. */
  readonly integration?: string;
  /** Files by absolute paths on the worker's machine, or Didomi's API. Of no importance with `planOf`. */
  readonly source: SourceSpec;
  /** Say what would be done, and do nothing. */
  readonly plan?: boolean;
  /** The run whose plan is carried out. */
  readonly planOf?: string;
  /** Contacts a second at most. */
  readonly rate?: number;
}

export interface ForgetOptions {
  /** Default: all of them. */
  readonly integration?: string | undefined;
  /** Also what the person withdrew and Brevo does not have yet: nobody tells Brevo of it any more. */
  readonly dropsUnwrittenWithdrawals?: boolean | undefined;
}

/** Submits Didomi's consent events to consent-sync, and asks what became of them. */
export class ConsentSyncClient {
  private readonly temporal: Client;
  private readonly keys: Keys;
  private readonly stories: Stories;
  private readonly addresses: Addresses;
  private readonly contacts: ContactWorkflows;
  private readonly failed: Failures;
  private readonly storing: Storing;
  private readonly forgetting: Forgetting;

  /** @param ownsConnection whether close() closes the connection */
  constructor(
    private readonly config: Config,
    idKey: string,
    temporal: Client,
    private readonly ownsConnection = false,
  ) {
    this.temporal = encrypting(config, temporal);
    this.keys = new Keys(idKey);
    this.contacts = new ContactWorkflows(this.temporal, config.temporal.taskQueue);
    this.failed = new Failures(this.temporal, config.temporal.taskQueue);
    this.storing = new Storing(this.contacts);
    this.stories = new Stories(config, this.keys, this.temporal);
    this.forgetting = new Forgetting(
      new ContactRuns(this.temporal),
      new Forgettings(this.temporal, config.temporal.taskQueue),
      (workflowId) => this.stories.read(workflowId),
    );
    const finder = new ContactFinder(this.temporal, (call) => this.contacts.speaking(call));
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
    const temporal = temporalClient(loaded, { connection: connected, namespace: found.namespace });
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
    const submissions = await readAll(events, this.config, this.keys);
    await this.storing.storeAll(submissions);
    const { addressed, copies } = await this.addresses.complete(submissions);
    const late = addressed.filter((_, index) => submissions[index]?.anonymous);
    await this.storing.storeAll([...late, ...copies]);
    return addressed.map(({ result }) => result);
  }

  /**
   * As `submit`, and waits until each event's part is settled in Brevo, or held.
   *
   * @returns results with their `outcome`
   */
  async submitAndWait(events: unknown): Promise<SubmitResult[]> {
    const submissions = await readAll(events, this.config, this.keys);
    const settled = await Promise.all(submissions.map((submission) => this.settle(submission)));
    const { addressed, copies } = await this.addresses.complete(submissions);
    await this.storing.storeAll(copies);
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

  /** The contacts that are held or rejected, with their reasons; see `Failure` for what is missing without a worker. */
  failures(filter: FailureFilter = {}): AsyncIterable<Failure> {
    return this.failed.list(filter);
  }

  /** How many contacts are held or rejected, for each integration of the configuration. */
  countFailures(): Promise<FailureCount[]> {
    return this.failed.count([...this.config.integrations.keys()]);
  }

  /**
   * Has what is held or rejected of a contact tried again: what is held as soon as its account may be tried, what was
   * rejected at once. Resolves once Temporal has stored the wish.
   *
   * @param id organization_user_id, Didomi event id or workflow id
   * @returns the contacts that are tried again; none when nothing of it has failed
   */
  async retry(id: string): Promise<FoundFailure[]> {
    const retried: FoundFailure[] = [];
    for (const { workflowId, integration, open, outcome } of await this.stories.find(id)) {
      if (!open || (outcome !== 'held' && outcome !== 'rejected')) continue;
      if (await this.failed.retry(workflowId)) retried.push({ workflowId, integration, outcome });
    }
    return retried;
  }

  /** As `retry`, everything that has failed, one after the other. */
  retryAll(filter: FailureFilter = {}): AsyncIterable<FoundFailure> {
    return this.failed.retryAll(filter);
  }

  /**
   * What Temporal holds of a contact, in each integration that could know it.
   *
   * @param integration default: all of them
   * @throws RangeError when there is no such integration
   */
  held(organizationUserId: string, integration?: string): Promise<HeldContact[]> {
    return Promise.all(
      this.contactIn(organizationUserId, integration).map((contact) => this.forgetting.look(contact)),
    );
  }

  /**
   * Deletes what Temporal holds of a contact, and keeps resyncs that had read of it from bringing it back. A withdrawal
   * that Brevo does not have yet is waited for, by the service, unless it is to be dropped. Brevo is left as it is.
   *
   * @throws RangeError when there is no such integration
   */
  forget(organizationUserId: string, options: ForgetOptions = {}): Promise<ForgottenContact[]> {
    const drops = options.dropsUnwrittenWithdrawals ?? false;
    return Promise.all(
      this.contactIn(organizationUserId, options.integration).map((contact) =>
        this.forgetting.forget(contact, drops),
      ),
    );
  }

  /**
   * Starts a bulk resync whose source the service's workers read, or carries out a plan that they made.
   *
   * @throws RangeError when the integration is not named and there are several, or is none of the configuration's
   * @throws ResyncRunningError when another run of the integration is under way
   */
  async startResync({ integration, source, plan, planOf, rate }: StartResyncOptions): Promise<ResyncRun> {
    const resyncs = new Resyncs(this.temporal, this.config.temporal.taskQueue);
    const input: NamedResync = {
      integration: this.chosen(integration),
      run: Resyncs.newRun(Date.now()),
      source,
      planOnly: plan ?? false,
      ...(planOf !== undefined && { planOf }),
      ...(rate !== undefined && { rate }),
    };
    const [other] = await resyncs.running(input.integration);
    if (other) throw new ResyncRunningError(other);
    await resyncs.start(input);
    return new ResyncRun(resyncs, { run: input.run, workflowId: workflowIdOf(input) });
  }

  /** A run that was started before. @param run default: the latest @throws UnknownRunError */
  async resync(run?: string): Promise<ResyncRun> {
    const resyncs = new Resyncs(this.temporal, this.config.temporal.taskQueue);
    return new ResyncRun(resyncs, await resyncs.find(run));
  }

  /** Ends the connection, if it was made here. */
  async close(): Promise<void> {
    if (this.ownsConnection) await this.temporal.connection.close();
  }

  private contactIn(organizationUserId: string, integration?: string): KeptContact[] {
    const names =
      integration === undefined ? [...this.config.integrations.keys()] : [this.chosen(integration)];
    return names.flatMap((name) => {
      const option = this.config.integrations.get(name)?.rules.identifier;
      const identifier = option && identifierOf(organizationUserId, option);
      return identifier ? [{ integration: name, contactKey: this.keys.contactKey(identifier) }] : [];
    });
  }

  private chosen(name: string | undefined): string {
    const names = [...this.config.integrations.keys()];
    const [only] = names;
    const chosen = name ?? (names.length === 1 ? only : undefined);
    if (chosen !== undefined && this.config.integrations.has(chosen)) return chosen;
    throw new RangeError(`integration must be one of: ${names.join(', ')}`);
  }

  private async settle({ result, signal, forget, former }: Submission): Promise<SubmitResult> {
    if (former) await this.contacts.store(former);
    if (forget) await this.contacts.store(forget);
    if (!signal) return result;
    const { outcome } = await this.contacts.settle(signal);
    return { ...result, outcome } as SubmitResult;
  }
}

const SHORTEST_ID_KEY = 32;

function requireLongEnough(idKey: string | undefined): void {
  if (idKey === undefined || idKey.length >= SHORTEST_ID_KEY) return;
  throw new RangeError(
    `idKey must have at least ${SHORTEST_ID_KEY} characters: others could guess contact keys.`,
  );
}
