import { randomUUID } from 'node:crypto';
import { marker, numberMarker } from '../../support/leaks/markers';

/** What must be found nowhere but where it has to be. Each is in all that is sent of its kind. */
export const MARKERS = {
  email: marker(),
  extId: marker(),
  phone: `3366${numberMarker(9)}`,
  didomiUser: marker(),
  eventId: marker(),
  mappedValue: marker(),
  unmappedValue: marker(),
  eventMetadata: marker(),
  userMetadata: marker(),
  tcf: marker(),
  country: marker(),
  brevoKey: marker(),
  otherBrevoKey: marker(),
  didomiKey: marker(),
  didomiSecret: marker(),
  clientSecret: marker(),
  idKey: marker(),
  encryptionKey: Buffer.from(`${marker()}${marker()}`).toString('base64'),
  /** Of requests that are refused, in all parts of them. */
  refused: marker(),
} as const;

export const KEY = `xkeysib-${MARKERS.brevoKey}`;
export const OTHER_KEY = `xkeysib-${MARKERS.otherBrevoKey}`;

/** One of those whom the e-mail marker stands for. */
export function personOf(name: string): string {
  return `${MARKERS.email}.${name}@Example.com`;
}

/** An event of somebody, with everything that Didomi may send of a person. */
export function eventOf(organizationUserId: string, { id }: { readonly id?: string } = {}) {
  const at = new Date().toISOString();
  return {
    type: 'event.created',
    regulation: 'gdpr',
    parameters: {
      entity: {
        id: id ?? randomUUID(),
        created_at: at,
        updated_at: at,
        status: 'confirmed',
        metadata: { note: MARKERS.eventMetadata, [MARKERS.eventMetadata]: 'x' },
        tcfcs: MARKERS.tcf,
        proofs_id: [MARKERS.eventMetadata],
        user: {
          id: MARKERS.didomiUser,
          organization_user_id: organizationUserId,
          metadata: { tier: MARKERS.userMetadata },
          country: MARKERS.country,
        },
        consents: {
          tcfcs: MARKERS.tcf,
          vendors: { enabled: [MARKERS.unmappedValue], disabled: [] },
          purposes: [
            { id: 'newsletter', enabled: false, values: { often: { value: MARKERS.mappedValue } } },
            { id: MARKERS.unmappedValue, enabled: true, values: { x: { value: MARKERS.unmappedValue } } },
          ],
        },
      },
    },
  };
}

/** What Didomi's export says of somebody. */
export function exportLineOf(organizationUserId: string) {
  const { entity } = eventOf(organizationUserId).parameters;
  const { user, consents, metadata } = entity;
  const updated_at = new Date(Date.now() - 60_000).toISOString();
  return { user: { ...user, updated_at, consents, metadata }, events: [entity] };
}
