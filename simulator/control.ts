import { z } from 'zod';
import { addFaults, type Control, type ControlRequest, done, listed, removeFaults } from './control-routes';
import { normalEmail } from './formats';
import type { Answer } from './http';
import { act, recipientActionSchema } from './recipients';
import { seed, seedSchema } from './seeds';
import type { Simulation } from './simulation';
import { toSimContact } from './view';

/** What a test or an operator may do to the simulation. */
export const CONTROLS: ReadonlyMap<string, Control<Simulation>> = new Map<string, Control<Simulation>>([
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

function changeSwitches({ account }: Simulation, { json }: ControlRequest): Answer {
  account.changeSwitches(z.record(z.string(), z.unknown()).parse(json()));
  return { status: 200, body: account.switches };
}
