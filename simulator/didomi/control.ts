import { addFaults, type Control, done, listed, removeFaults } from '../control-routes';
import type { Simulation } from './simulation';

/** What a test or an operator may see of the simulation and do to it. */
export const CONTROLS: ReadonlyMap<string, Control<Simulation>> = new Map<string, Control<Simulation>>([
  [
    'GET /users',
    ({ organization }) =>
      listed(
        'users',
        organization.users.list().map(({ regulation, entity }) => ({ ...entity, regulation })),
      ),
  ],
  ['GET /events', ({ organization }) => listed('events', organization.events.all())],
  [
    'GET /messages',
    ({ outbox }, { query }) => ({
      status: 200,
      body: { messages: outbox.list(Number(query.get('after') ?? 0)), count: outbox.count },
    }),
  ],
  ['DELETE /messages', ({ outbox }) => done(() => outbox.clear())],
  ['POST /expire-tokens', ({ sessions }) => done(() => sessions.expireAll())],
  ['GET /calls', ({ calls }, { query }) => listed('calls', calls.list(Number(query.get('after') ?? 0)))],
  ['DELETE /calls', ({ calls }) => done(() => calls.clear())],
  ['GET /faults', ({ faults }) => listed('faults', faults.active())],
  ['POST /faults', addFaults],
  ['DELETE /faults', removeFaults],
  ['GET /switches', ({ switches }) => ({ status: 200, body: switches })],
  [
    'POST /switches',
    (simulation, { json }) => {
      simulation.changeSwitches(json());
      return { status: 200, body: simulation.switches };
    },
  ],
  ['POST /reset', (simulation) => done(() => simulation.reset())],
]);
