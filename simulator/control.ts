import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { faultSchema } from './fault-kinds';
import { normalEmail } from './formats';
import { type Answer, readBody, send } from './http';
import { act, recipientActionSchema } from './recipients';
import { seed, seedSchema } from './seeds';
import type { Simulation } from './simulation';
import { toSimContact } from './view';

/** Base path of the control routes: no key, no budget, no faults, not in the call log. */
export const CONTROL_PREFIX = '/__sim';

interface ControlRequest {
  readonly query: URLSearchParams;
  readonly json: () => unknown;
}

type Control = (simulation: Simulation, request: ControlRequest) => Answer;

const DONE: Answer = { status: 204 };

const CONTROLS: ReadonlyMap<string, Control> = new Map<string, Control>([
  ['GET /contacts', listContacts],
  ['POST /contacts', addContacts],
  ['POST /unsubscribe', recipientActs],
  ['GET /calls', ({ calls }, { query }) => listed('calls', calls.list(Number(query.get('after') ?? 0)))],
  ['DELETE /calls', ({ calls }) => done(() => calls.clear())],
  ['GET /faults', ({ faults }) => listed('faults', faults.active())],
  ['POST /faults', addFaults],
  ['DELETE /faults', removeFaults],
  ['GET /switches', ({ account }) => ({ status: 200, body: account.switches })],
  ['POST /switches', changeSwitches],
  ['POST /reset', (simulation) => done(() => simulation.reset())],
]);

/** Answers a control route. Mistakes in what was sent are a 400 with a message. */
export async function answerControl(
  simulation: Simulation,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await readBody(request);
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const control = CONTROLS.get(`${request.method} ${path.slice(CONTROL_PREFIX.length)}`);
  send(response, control === undefined ? unknownControl() : attempted(simulation, control, query, text));
}

function attempted(simulation: Simulation, control: Control, query: string, text: string): Answer {
  try {
    return control(simulation, { query: new URLSearchParams(query), json: () => JSON.parse(text) });
  } catch (error) {
    if (error instanceof z.ZodError) return { status: 400, body: { message: z.prettifyError(error) } };
    return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
  }
}

function unknownControl(): Answer {
  return {
    status: 404,
    body: { message: `No such control route. Routes: ${[...CONTROLS.keys()].join(', ')}.` },
  };
}

function listContacts({ account }: Simulation, { query }: ControlRequest): Answer {
  const email = query.get('email');
  const extId = query.get('ext_id');
  const contacts = [...account.contacts.all()]
    .filter((contact) => email === null || contact.email === normalEmail(email))
    .filter((contact) => extId === null || contact.extId === extId);
  return listed('contacts', contacts.map(toSimContact));
}

function addContacts({ account }: Simulation, { json }: ControlRequest): Answer {
  const seeds = z.array(seedSchema).parse([json()].flat());
  return { status: 201, body: { contacts: seeds.map((item) => toSimContact(seed(account, item))) } };
}

function recipientActs({ account }: Simulation, { json }: ControlRequest): Answer {
  return { status: 200, body: toSimContact(act(account, recipientActionSchema.parse(json()))) };
}

function addFaults({ faults }: Simulation, { json }: ControlRequest): Answer {
  faults.add(z.array(faultSchema).parse([json()].flat()));
  return { ...listed('faults', faults.active()), status: 201 };
}

function removeFaults({ faults }: Simulation, { query }: ControlRequest): Answer {
  const id = query.get('id');
  return done(() => (id === null ? faults.clear() : faults.remove(Number(id))));
}

function changeSwitches({ account }: Simulation, { json }: ControlRequest): Answer {
  account.changeSwitches(z.record(z.string(), z.unknown()).parse(json()));
  return { status: 200, body: account.switches };
}

function listed(name: string, items: readonly unknown[]): Answer {
  return { status: 200, body: { [name]: items, count: items.length } };
}

function done(act: () => void): Answer {
  act();
  return DONE;
}
