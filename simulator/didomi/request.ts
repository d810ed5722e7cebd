import type { ApiRequest } from '../request';
import { badRequest, forbidden } from './errors';
import type { Simulation } from './simulation';

/** The body as JSON. */
export function jsonOf({ text }: ApiRequest): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('The body is no JSON');
  }
}

/** The id that the path names, decoded once. */
export function idOf({ params }: ApiRequest): string {
  try {
    return decodeURIComponent(params.id ?? '');
  } catch {
    throw badRequest('The id is not encoded correctly');
  }
}

/** Every call names the organization of its key (seen in Didomi's API reference; what another gets is inferred). */
export function checkOrganization({ organization }: Simulation, { query }: ApiRequest): void {
  const id = query.get('organization_id');
  if (id === null || id === '') throw badRequest('organization_id is required');
  if (id !== organization.id) throw forbidden('The key has no access to this organization');
}

/** `$disable_integrations` keeps a change from integrations (seen in Didomi's guide), and so from webhooks (inferred). */
export function isSilent({ query }: ApiRequest): boolean {
  return query.get('$disable_integrations') === 'true';
}
