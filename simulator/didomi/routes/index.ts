import type { ApiRequest, Reply } from '../../request';
import { matcher, type RouteShape } from '../../route-match';
import type { Simulation } from '../simulation';
import { createEvents, deleteEvent, getEvent, listEvents, patchEvent } from './events';
import { createSession } from './sessions';
import { deleteUser, getUser, listUsers, patchUser } from './users';

/** Operations are named by us. */
export interface Route extends RouteShape {
  readonly handle: (simulation: Simulation, request: ApiRequest) => Reply;
}

const EVENTS = '/consents/events';
const EVENT = '/consents/events/{id}';
const USER = '/consents/users/{id}';

const ROUTES: readonly Route[] = [
  { operation: 'createSession', method: 'POST', template: '/sessions', handle: createSession },
  { operation: 'listEvents', method: 'GET', template: EVENTS, handle: listEvents },
  { operation: 'createEvents', method: 'POST', template: EVENTS, handle: createEvents },
  { operation: 'getEvent', method: 'GET', template: EVENT, handle: getEvent },
  { operation: 'patchEvent', method: 'PATCH', template: EVENT, handle: patchEvent },
  { operation: 'deleteEvent', method: 'DELETE', template: EVENT, handle: deleteEvent },
  { operation: 'listUsers', method: 'GET', template: '/consents/users', handle: listUsers },
  { operation: 'getUser', method: 'GET', template: USER, handle: getUser },
  { operation: 'patchUser', method: 'PATCH', template: USER, handle: patchUser },
  { operation: 'deleteUser', method: 'DELETE', template: USER, handle: deleteUser },
];

/** The route for a raw path below /v1. */
export const matchRoute = matcher(ROUTES);
