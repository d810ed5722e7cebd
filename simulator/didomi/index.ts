import { answerControl, CONTROL_PREFIX, isControl } from '../control-routes';
import type { Fault } from '../fault-kinds';
import type { ActiveFault } from '../faults';
import { listen, reachable } from '../server';
import { API_PREFIX, answerApi } from './api';
import { CONTROLS } from './control';
import type { EventEntity, UserEntity } from './entities';
import type { EventChange, EventInput, UserChange } from './event-input';
import type { WebhookMessage } from './messages';
import { type DidomiCall, Simulation } from './simulation';
import type { DidomiSwitches } from './switches';

export type { EventEntity, UserEntity } from './entities';
export type { EventChange, EventInput, UserChange } from './event-input';
export type { WebhookMessage } from './messages';
export type { DidomiCall } from './simulation';
export type { DidomiSwitches } from './switches';

export interface DidomiSimulatorOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly organizationId: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Budget of all routes but /consents. Default 100; 0 = unlimited, without rate headers. */
  readonly requestsPer15Seconds?: number;
  readonly switches?: Partial<DidomiSwitches>;
  /** Is given the webhook messages of each change together, before the change is answered. */
  readonly onMessages?: (messages: readonly WebhookMessage[]) => void;
  /** The clock, in milliseconds since the epoch. Default Date.now. */
  readonly now?: () => number;
}

/**
 * A running simulator. The methods that change something do as the API would, return the webhook messages that Didomi
 * sends for it, and throw a plain-language error where the API would refuse.
 */
export interface DidomiSimulator {
  /** Base of the API, with the version: http://127.0.0.1:PORT/v1. */
  readonly url: string;
  /** Base of the control routes: http://127.0.0.1:PORT/__sim. */
  readonly controlUrl: string;
  readonly port: number;
  /** Cuts every connection, also those that hang, and resolves when the port is free. */
  close(): Promise<void>;
  createEvents(...events: readonly EventInput[]): readonly WebhookMessage[];
  patchEvent(id: string, change: EventChange): readonly WebhookMessage[];
  deleteEvent(id: string): readonly WebhookMessage[];
  patchUser(id: string, change: UserChange): readonly WebhookMessage[];
  deleteUser(id: string): readonly WebhookMessage[];
  /** All records, one a user and regulation. */
  users(): { readonly regulation: string; readonly user: UserEntity }[];
  /** All events in the order in which they came. */
  events(): EventEntity[];
  /** All webhook messages so far, oldest first. */
  messages(): WebhookMessage[];
  clearMessages(): void;
  /** Calls in the order of arrival. */
  calls(): DidomiCall[];
  clearCalls(): void;
  /** Ends all tokens before their time. */
  expireTokens(): void;
  /** Replaces all faults. */
  setFaults(...faults: readonly Fault[]): void;
  faults(): ActiveFault[];
  setSwitches(switches: Partial<DidomiSwitches>): void;
  /** Back to the state after the start. */
  reset(): void;
}

/**
 * Starts an HTTP server that behaves like Didomi's API for consents, with its state in memory.
 * Rejects with a plain-language error when the port is taken or an option is none.
 */
export async function startDidomiSimulator(options: DidomiSimulatorOptions): Promise<DidomiSimulator> {
  const simulation = new Simulation({
    organizationId: options.organizationId,
    credentials: { key: options.apiKey, secret: options.apiSecret },
    requestsPer15Seconds: options.requestsPer15Seconds ?? 100,
    switches: options.switches ?? {},
    onMessages: options.onMessages ?? (() => undefined),
    now: options.now ?? Date.now,
  });
  const host = options.host ?? '127.0.0.1';
  const { port, close } = await listen(
    'Didomi simulator',
    (request, response, closing) =>
      isControl(request)
        ? answerControl(CONTROLS, simulation, request, response)
        : answerApi(simulation, request, response, closing),
    host,
    options.port ?? 0,
  );
  const origin = `http://${reachable(host)}:${port}`;
  const told = simulation.told.bind(simulation);
  return {
    url: origin + API_PREFIX,
    controlUrl: origin + CONTROL_PREFIX,
    port,
    close,
    createEvents: (...events) => told(simulation.organization.createEvents(events)).messages,
    patchEvent: (id, change) => told(simulation.organization.patchEvent(id, change)).messages,
    deleteEvent: (id) => told(simulation.organization.deleteEvent(id)).messages,
    patchUser: (id, change) => told(simulation.organization.patchUser(id, change)).messages,
    deleteUser: (id) => told(simulation.organization.deleteUser(id)).messages,
    users: () =>
      simulation.organization.users.list().map(({ regulation, entity }) => ({ regulation, user: entity })),
    events: () => simulation.organization.events.all(),
    messages: () => simulation.outbox.list(),
    clearMessages: () => simulation.outbox.clear(),
    calls: () => simulation.calls.list(),
    clearCalls: () => simulation.calls.clear(),
    expireTokens: () => simulation.sessions.expireAll(),
    setFaults: (...faults) => {
      simulation.faults.clear();
      simulation.faults.add(faults);
    },
    faults: () => simulation.faults.active(),
    setSwitches: (switches) => simulation.changeSwitches(switches),
    reset: () => simulation.reset(),
  };
}
