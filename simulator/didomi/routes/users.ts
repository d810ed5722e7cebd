import type { ApiRequest, Reply } from '../../request';
import { notFound } from '../errors';
import { filterOf, pageOf } from '../query';
import { idOf, jsonOf } from '../request';
import type { Simulation } from '../simulation';

export function listUsers({ organization }: Simulation, { query }: ApiRequest): Reply {
  const organizationUserId = query.get('organization_user_id');
  const ofRegulation = filterOf(query, 'regulation', ['gdpr']);
  const found = organization.users
    .list()
    .filter(({ regulation }) => ofRegulation(regulation))
    .filter(({ entity }) => !organizationUserId || entity.organization_user_id === organizationUserId)
    .sort((one, other) => one.seq - other.seq);
  const { page, limit, cursor } = pageOf(query, found);
  return { status: 200, body: { data: page.map(({ entity }) => entity), limit, cursor } };
}

/** With `$by_organization_user_id` the id is an organization_user_id (seen in Didomi's API description; its value is not). */
export function getUser({ organization }: Simulation, request: ApiRequest): Reply {
  const { query } = request;
  const id = idOf(request);
  const userId = query.get('$by_organization_user_id') === 'true' ? organization.users.idOf(id) : id;
  const regulation = query.get('regulation') ?? 'gdpr';
  const user = userId === undefined ? undefined : organization.users.entity(userId, regulation);
  if (user === undefined) throw notFound('No user with this id');
  return { status: 200, body: user };
}

export function patchUser(simulation: Simulation, request: ApiRequest): Reply {
  const { entities } = simulation.told(simulation.organization.patchUser(idOf(request), jsonOf(request)));
  return { status: 200, body: entities[0] };
}

export function deleteUser(simulation: Simulation, request: ApiRequest): Reply {
  const { entities } = simulation.told(simulation.organization.deleteUser(idOf(request)));
  return { status: 200, body: entities[0] };
}
