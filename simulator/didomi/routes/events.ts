import type { ApiRequest, Reply } from '../../request';
import type { EventEntity } from '../entities';
import { badRequest } from '../errors';
import type { Change } from '../organization';
import { filterOf, pageOf } from '../query';
import { idOf, isSilent, jsonOf } from '../request';
import type { Simulation } from '../simulation';

/** One of organization_user_id and user_id is required (seen in Didomi's API reference). */
export function listEvents({ organization, switches }: Simulation, { query }: ApiRequest): Reply {
  const organizationUserId = query.get('organization_user_id');
  const userId = query.get('user_id');
  if (!organizationUserId && !userId) throw badRequest('organization_user_id or user_id is required');
  const ofStatus = filterOf(query, 'status', ['confirmed']);
  const ofRegulation = filterOf(query, 'regulation', ['gdpr']);
  const found = organization.events
    .all()
    .filter(({ status, regulation }) => ofStatus(status) && ofRegulation(regulation))
    .filter(({ user }) => !organizationUserId || user.organization_user_id === organizationUserId)
    .filter(({ user }) => !userId || user.id === userId);
  if (switches.eventPaging === 'none') return { status: 200, body: { data: found } };
  const numbered = found.map((event, index) => ({ event, seq: index + 1 }));
  const { page, limit, cursor } = pageOf(query, numbered);
  return { status: 200, body: { data: page.map(({ event }) => event), limit, cursor } };
}

/** One event or an array of up to 100 (seen in Didomi's guide to imports); answered in the same form (inferred). */
export function createEvents(simulation: Simulation, request: ApiRequest): Reply {
  const input = jsonOf(request);
  const { entities } = carryOut(simulation, request, simulation.organization.createEvents(input));
  return { status: 201, body: Array.isArray(input) ? entities : entities[0] };
}

export function getEvent({ organization }: Simulation, request: ApiRequest): Reply {
  return { status: 200, body: organization.event(idOf(request)) };
}

export function patchEvent(simulation: Simulation, request: ApiRequest): Reply {
  const change = simulation.organization.patchEvent(idOf(request), jsonOf(request));
  return { status: 200, body: carryOut(simulation, request, change).entities[0] };
}

export function deleteEvent(simulation: Simulation, request: ApiRequest): Reply {
  const change = simulation.organization.deleteEvent(idOf(request));
  return { status: 200, body: carryOut(simulation, request, change).entities[0] };
}

function carryOut(simulation: Simulation, request: ApiRequest, change: Change<EventEntity>) {
  return isSilent(request) ? change : simulation.told(change);
}
