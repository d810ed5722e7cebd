import { API_PREFIX, answerApi } from './api';
import type { SimCall } from './calls';
import { CONTROLS } from './control';
import { answerControl, CONTROL_PREFIX, isControl } from './control-routes';
import type { Fault } from './fault-kinds';
import type { ActiveFault } from './faults';
import { normalEmail } from './formats';
import { act, type RecipientAction } from './recipients';
import { type ContactSeed, seed } from './seeds';
import { listen, reachable } from './server';
import { type CallWatcher, Simulation } from './simulation';
import type { SimulatorSwitches } from './switches';
import { type SimContact, toSimContact } from './view';

export type { SimCall } from './calls';
export type { AttributeValue, CampaignEvent, Statistics } from './contact';
export type { Fault } from './fault-kinds';
export type { ActiveFault } from './faults';
export type { RecipientAction } from './recipients';
export type { ContactSeed } from './seeds';
export type { CallWatcher } from './simulation';
export type { SimulatorSwitches } from './switches';
export type { SimContact } from './view';

export interface SimulatorOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** The one key that is accepted. Default: any that is not empty. */
  readonly apiKey?: string;
  /**
   * Attributes beside the default set, name to type: text, date, float, boolean, user, id, calculated, global,
   * "category:daily,weekly" or "multiple-choice:a,b".
   */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Budget of /contacts and all below it. Default 10; 0 = unlimited, without rate headers. */
  readonly requestsPerSecond?: number;
  /** Budget of all other routes. Default 100; 0 = unlimited, without rate headers. */
  readonly otherRequestsPerHour?: number;
  readonly switches?: Partial<SimulatorSwitches>;
  /** The clock, in milliseconds since the epoch. Default Date.now. */
  readonly now?: () => number;
}

/** A running simulator. The methods that take data throw a plain-language error when the account cannot hold it. */
export interface Simulator {
  /** Base of the API, with the version: http://127.0.0.1:PORT/v3. */
  readonly url: string;
  /** Base of the control routes: http://127.0.0.1:PORT/__sim. */
  readonly controlUrl: string;
  readonly port: number;
  /** Cuts every connection, also those that hang, and resolves when the port is free. */
  close(): Promise<void>;
  /** All contacts in the order of creation. */
  contacts(): SimContact[];
  /** The contact with this id, e-mail address or ext_id. */
  contact(key: { id: number } | { email: string } | { ext_id: string }): SimContact | undefined;
  /** Calls in the order of arrival. */
  calls(): SimCall[];
  clearCalls(): void;
  /** Puts a contact into the account as it is, past the API's rules. */
  seedContact(contact: ContactSeed): SimContact;
  /** Acts as a recipient who unsubscribes or complains, or as somebody in the account who unsubscribes them. */
  unsubscribe(action: RecipientAction): SimContact;
  /** Replaces all faults. */
  setFaults(...faults: readonly Fault[]): void;
  /** Sets more faults. */
  addFaults(...faults: readonly Fault[]): void;
  faults(): ActiveFault[];
  setSwitches(switches: Partial<SimulatorSwitches>): void;
  /** Tells `watcher` of each call from now on, in the place of any before; undefined = nobody. */
  onCall(watcher: CallWatcher | undefined): void;
  /** Back to the state after the start. */
  reset(): void;
}

/**
 * Starts an HTTP server that behaves like Brevo's contacts API, with its state in memory.
 * Rejects with a plain-language error when the port is taken or an option is none.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulation = new Simulation({
    apiKey: options.apiKey,
    attributes: options.attributes ?? {},
    requestsPerSecond: options.requestsPerSecond ?? 10,
    otherRequestsPerHour: options.otherRequestsPerHour ?? 100,
    switches: options.switches ?? {},
    now: options.now ?? Date.now,
  });
  const host = options.host ?? '127.0.0.1';
  const { port, close } = await listen(
    'Brevo simulator',
    (request, response, closing) =>
      isControl(request)
        ? answerControl(CONTROLS, simulation, request, response)
        : answerApi(simulation, request, response, closing),
    host,
    options.port ?? 0,
  );
  const origin = `http://${reachable(host)}:${port}`;
  return {
    url: origin + API_PREFIX,
    controlUrl: origin + CONTROL_PREFIX,
    port,
    close,
    contacts: () => [...simulation.account.contacts.all()].map(toSimContact),
    contact: (key) => contactOf(simulation, key),
    calls: () => simulation.calls.list(),
    clearCalls: () => simulation.calls.clear(),
    seedContact: (contact) => toSimContact(seed(simulation.account, contact)),
    unsubscribe: (action) => toSimContact(act(simulation.account, action)),
    setFaults: (...faults) => {
      simulation.faults.clear();
      simulation.faults.add(faults);
    },
    addFaults: (...faults) => simulation.faults.add(faults),
    faults: () => simulation.faults.active(),
    setSwitches: (switches) => simulation.account.changeSwitches(switches),
    onCall: (watcher) => {
      simulation.watcher = watcher;
    },
    reset: () => simulation.reset(),
  };
}

function contactOf(
  { account }: Simulation,
  key: { id: number } | { email: string } | { ext_id: string },
): SimContact | undefined {
  const { contacts } = account;
  const contact =
    'id' in key
      ? contacts.get(key.id)
      : 'email' in key
        ? contacts.find('email', normalEmail(key.email) ?? '')
        : contacts.find('ext_id', key.ext_id);
  return contact === undefined ? undefined : toSimContact(contact);
}
