import type { Account } from '../account';
import type { ApiRequest, Reply } from '../request';
import { getAccount } from './account';
import { createAttribute, deleteAttribute, getAttributes, updateAttribute } from './attributes';
import { updateBatchContacts } from './batch';
import {
  createContact,
  deleteContact,
  getContactInfo,
  getContactStats,
  getContacts,
  updateContact,
} from './contacts';
import {
  addContactToList,
  createList,
  getContactsFromList,
  getList,
  getLists,
  removeContactFromList,
} from './lists';

interface Route {
  /** `operationId` of Brevo's API description. */
  readonly operation: string;
  readonly method: string;
  /** Path below /v3. */
  readonly template: string;
  readonly handle: (account: Account, request: ApiRequest) => Reply;
}

const ATTRIBUTE = '/contacts/attributes/{attributeCategory}/{attributeName}';

/** Paths with fixed segments stand before those with a parameter in the same place. */
const ROUTES: readonly Route[] = [
  { operation: 'getAccount', method: 'GET', template: '/account', handle: getAccount },
  { operation: 'getContacts', method: 'GET', template: '/contacts', handle: getContacts },
  { operation: 'createContact', method: 'POST', template: '/contacts', handle: createContact },
  { operation: 'getAttributes', method: 'GET', template: '/contacts/attributes', handle: getAttributes },
  { operation: 'createAttribute', method: 'POST', template: ATTRIBUTE, handle: createAttribute },
  { operation: 'updateAttribute', method: 'PUT', template: ATTRIBUTE, handle: updateAttribute },
  { operation: 'deleteAttribute', method: 'DELETE', template: ATTRIBUTE, handle: deleteAttribute },
  {
    operation: 'updateBatchContacts',
    method: 'POST',
    template: '/contacts/batch',
    handle: updateBatchContacts,
  },
  { operation: 'getLists', method: 'GET', template: '/contacts/lists', handle: getLists },
  { operation: 'createList', method: 'POST', template: '/contacts/lists', handle: createList },
  { operation: 'getList', method: 'GET', template: '/contacts/lists/{listId}', handle: getList },
  {
    operation: 'getContactsFromList',
    method: 'GET',
    template: '/contacts/lists/{listId}/contacts',
    handle: getContactsFromList,
  },
  {
    operation: 'addContactToList',
    method: 'POST',
    template: '/contacts/lists/{listId}/contacts/add',
    handle: addContactToList,
  },
  {
    operation: 'removeContactFromList',
    method: 'POST',
    template: '/contacts/lists/{listId}/contacts/remove',
    handle: removeContactFromList,
  },
  { operation: 'getContactInfo', method: 'GET', template: '/contacts/{identifier}', handle: getContactInfo },
  { operation: 'updateContact', method: 'PUT', template: '/contacts/{identifier}', handle: updateContact },
  { operation: 'deleteContact', method: 'DELETE', template: '/contacts/{identifier}', handle: deleteContact },
  {
    operation: 'getContactStats',
    method: 'GET',
    template: '/contacts/{identifier}/campaignStats',
    handle: getContactStats,
  },
];

const COMPILED = ROUTES.map((route) => ({ route, segments: route.template.split('/') }));

export interface Match {
  readonly route: Route;
  readonly params: Record<string, string>;
}

/** The route for a raw path below /v3, `wrong_method` when the path exists for other methods only, else undefined. */
export function matchRoute(method: string, path: string): Match | 'wrong_method' | undefined {
  const parts = path.split('/');
  const fitting = COMPILED.flatMap(({ route, segments }) => {
    const params = paramsOf(segments, parts);
    return params === undefined ? [] : [{ route, params, template: route.template }];
  });
  const template = fitting[0]?.template;
  if (template === undefined) return undefined;
  return (
    fitting.find((match) => match.template === template && match.route.method === method) ?? 'wrong_method'
  );
}

function paramsOf(segments: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? '';
    if (segment.startsWith('{') && part !== '') params[segment.slice(1, -1)] = part;
    else if (segment !== part) return undefined;
  }
  return params;
}
