import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { faultSchema } from './fault-kinds';
import type { Faults } from './faults';
import { type Answer, readBody, send } from './http';

/** Base path of the control routes: no credentials, no budget, no faults, not in the call log. */
export const CONTROL_PREFIX = '/__sim';

export interface ControlRequest {
  readonly query: URLSearchParams;
  readonly json: () => unknown;
}

export type Control<State> = (state: State, request: ControlRequest) => Answer;

export function isControl(request: IncomingMessage): boolean {
  return (request.url ?? '').startsWith(`${CONTROL_PREFIX}/`);
}

/**
 * Answers a control route. Mistakes in what was sent are a 400 with a message.
 *
 * @param controls by method and path below the prefix: "GET /calls"
 */
export async function answerControl<State>(
  controls: ReadonlyMap<string, Control<State>>,
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await readBody(request);
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const control = controls.get(`${request.method} ${path.slice(CONTROL_PREFIX.length)}`);
  const answer =
    control === undefined
      ? unknownControl([...controls.keys()])
      : attempted(() => control(state, { query: new URLSearchParams(query), json: () => JSON.parse(text) }));
  send(response, answer);
}

function attempted(act: () => Answer): Answer {
  try {
    return act();
  } catch (error) {
    if (error instanceof z.ZodError) return { status: 400, body: { message: z.prettifyError(error) } };
    return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
  }
}

function unknownControl(routes: readonly string[]): Answer {
  return { status: 404, body: { message: `No such control route. Routes: ${routes.join(', ')}.` } };
}

export function listed(name: string, items: readonly unknown[]): Answer {
  return { status: 200, body: { [name]: items, count: items.length } };
}

export function done(act: () => void): Answer {
  act();
  return { status: 204 };
}

export function addFaults({ faults }: { readonly faults: Faults }, { json }: ControlRequest): Answer {
  faults.add(z.array(faultSchema).parse([json()].flat()));
  return { ...listed('faults', faults.active()), status: 201 };
}

export function removeFaults({ faults }: { readonly faults: Faults }, { query }: ControlRequest): Answer {
  const id = query.get('id');
  return done(() => (id === null ? faults.clear() : faults.remove(Number(id))));
}
