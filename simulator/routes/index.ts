import type { Account } from '../account';
import type { ApiRequest, Reply } from '../request';
import { matcher, type RouteShape } from '../route-match';
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

/** `operation` is the `operationId` of Brevo's API description. */
export interface Route extends RouteShape {
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

/** The route for a raw path below /v3, `wrong_method` when the path exists for other methods only, else undefined. */
export const matchRoute = matcher(ROUTES);
