/** Messages as Didomi documents them, with invented ids. Functions, so that no test sees another's changes. */

export type Json = { [key: string]: unknown };

export const EVENT_ID = '6f0c7a52-1d5e-4c0e-9b1f-2f8f3a7f1001';
export const USER_ID = 'c2a1b0d4-77aa-4b0e-8b1c-0d5c6e7f2002';

export const eventCreated = () => ({
  type: 'event.created',
  regulation: 'gdpr',
  parameters: {
    entity: {
      id: EVENT_ID,
      organization_id: 'acme',
      created_at: '2026-03-04T09:15:02Z',
      updated_at: '2026-03-04T09:15:02Z',
      status: 'confirmed',
      regulation: 'gdpr',
      domain: 'prefs.example.com',
      metadata: { form: 'footer' },
      proofs_id: [],
      delegate: { id: 'agent-17', name: 'Call centre' },
      user: {
        id: USER_ID,
        organization_user_id: 'ana@example.com',
        metadata: { tier: 'gold' },
        country: 'FR',
        last_seen_country: 'FR',
      },
      consents: {
        channels: [],
        tcfcs: null,
        vendors: { enabled: [], disabled: [], enabled_li: [], disabled_li: [] },
        purposes: [
          {
            id: 'newsletter',
            enabled: true,
            propagation: true,
            metadata: {},
            values: { topics_fr: { value: 'sport,culture', from_propagation: true } },
          },
          { id: 'profiling', enabled: null, values: { frequency: { value: 'weekly' } } },
        ],
      },
    },
  },
});

/** A double opt-in that was confirmed. */
export const eventUpdated = () => ({
  type: 'event.updated',
  regulation: 'gdpr',
  parameters: {
    source: { id: '6f0c7a52-1001', created_at: '2026-03-04T09:15:02Z' },
    old_entity: {
      id: '6f0c7a52-1001',
      updated_at: '2026-03-04T09:15:02Z',
      status: 'pending_approval',
      user: { id: 'c2a1b0d4-2002', organization_user_id: 'ana@example.com' },
      consents: { purposes: [{ id: 'newsletter', enabled: true }] },
    },
    new_entity: {
      id: '6f0c7a52-1001',
      created_at: '2026-03-04T09:15:02Z',
      updated_at: '2026-03-05T18:40:11Z',
      status: 'confirmed',
      user: { id: 'c2a1b0d4-2002', organization_user_id: 'ana@example.com' },
      consents: { purposes: [{ id: 'newsletter', enabled: true }] },
    },
  },
});

export const eventDeleted = () => ({
  type: 'event.deleted',
  parameters: { entity: { id: '6f0c7a52-1001', created_at: '2026-03-04T09:15:02Z' } },
});

export const userCreated = () => ({
  type: 'user.created',
  regulation: 'gdpr',
  parameters: {
    entity: {
      id: 'c2a1b0d4-2002',
      organization_id: 'acme',
      organization_user_id: 'ana@example.com',
      version: 1,
      created_at: '2026-03-04T09:15:02Z',
      updated_at: '2026-03-04T09:15:02Z',
      metadata: { tier: 'gold' },
      country: null,
      last_seen_country: 'FR',
      consents: {
        channels: [],
        purposes: [{ id: 'newsletter', enabled: true, values: { topics_fr: { value: 'sport,culture' } } }],
        vendors: { enabled: [], disabled: [] },
      },
    },
  },
});

export const userDeleted = () => ({ ...userCreated(), type: 'user.deleted' });

/** A withdrawal. */
export const userUpdated = () => ({
  type: 'user.updated',
  regulation: 'gdpr',
  parameters: {
    source: { id: '0b7d9e10-3003', created_at: '2026-04-01T07:00:00Z' },
    old_entity: {
      id: 'c2a1b0d4-2002',
      organization_user_id: 'ana@example.com',
      version: 4,
      updated_at: '2026-03-05T18:40:11Z',
      consents: { purposes: [{ id: 'newsletter', enabled: true }] },
    },
    new_entity: {
      id: 'c2a1b0d4-2002',
      organization_id: 'acme',
      organization_user_id: 'ana@example.com',
      version: 5,
      created_at: '2026-03-04T09:15:02Z',
      updated_at: '2026-04-01T07:00:01Z',
      metadata: {},
      country: null,
      last_seen_country: 'FR',
      consents: { purposes: [{ id: 'newsletter', enabled: false }] },
    },
  },
});

export const flattenedEventCreated = () => ({
  type: 'event.created',
  regulation: 'gdpr',
  parameters: {
    entity: {
      id: '6f0c7a52-1001',
      status: 'confirmed',
      created_at: '2026-03-04T09:15:02Z',
      user__organization_user_id: 'ana@example.com',
      consents__purposes__0__id: 'newsletter',
      consents__purposes__0__enabled: false,
      consents__purposes__0__values__topics_fr__value: 'sport,culture',
    },
  },
});

/** Joins the names of properties with `__`, as Didomi says that its option does; array items by position or by id. */
export function flatten(value: unknown, items: 'by position' | 'by id'): Json {
  const flat: Json = {};
  const walk = (node: unknown, name: string) => {
    if (typeof node !== 'object' || node === null || Object.keys(node).length === 0) {
      flat[name] = node;
    } else if (Array.isArray(node)) {
      node.forEach((item: Json, index) => {
        const { id, ...rest } = item;
        if (items === 'by position') walk(item, `${name}__${index}`);
        else walk(rest, `${name}__${String(id)}`);
      });
    } else {
      for (const [key, child] of Object.entries(node)) walk(child, name === '' ? key : `${name}__${key}`);
    }
  };
  walk(value, '');
  return flat;
}

/** Every form in which a flattened message may come, as far as anybody knows. */
export const FLATTENED_FORMS: Record<string, (message: Json, entity: Json) => Json> = {
  'in parameters.entity': ({ type, regulation }, entity) => ({ type, regulation, parameters: { entity } }),
  'in entity at the root': ({ type, regulation }, entity) => ({ type, regulation, entity }),
  'at the root, prefixed entity__': ({ type, regulation }, entity) => ({
    type,
    regulation,
    ...prefixed('entity__', entity),
  }),
  'at the root, prefixed parameters__entity__': ({ type, regulation }, entity) => ({
    type,
    regulation,
    ...prefixed('parameters__entity__', entity),
  }),
  'in parameters, prefixed entity__': ({ type, regulation }, entity) => ({
    type,
    regulation,
    parameters: prefixed('entity__', entity),
  }),
};

function prefixed(prefix: string, entity: Json): Json {
  return Object.fromEntries(Object.entries(entity).map(([key, value]) => [prefix + key, value]));
}
