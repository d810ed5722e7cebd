import { isObject, type Json } from './delivery';

/** A message with its parts in their places, whether it came plain or flattened. */
export type PlainMessage = {
  readonly type: string;
  readonly regulation: string | undefined;
  readonly source: Json | undefined;
  readonly old: Json | undefined;
  /** `entity`, or of an update `new_entity`. */
  readonly entity: Json;
};

/**
 * Reads a message that is known to be well formed. Of the flattened forms it knows the likeliest: one property
 * `entity` in `parameters` whose keys join the parts of a path with `__`, array items by position or by id. Ids in a
 * flattened message may hold no `__` and not be all digits.
 */
export function plainMessage(message: Json): PlainMessage {
  const parameters = isObject(message.parameters) ? message.parameters : {};
  const entity = parameters.new_entity ?? parameters.entity;
  if (!isObject(entity)) throw new Error('the oracle knows no message without an entity');
  const flattened = Object.keys(entity).some((key) => key.includes('__'));
  return {
    type: String(message.type),
    regulation: typeof message.regulation === 'string' ? message.regulation : undefined,
    source: isObject(parameters.source) ? parameters.source : undefined,
    old: isObject(parameters.old_entity) ? parameters.old_entity : undefined,
    entity: flattened ? unflattened(entity) : entity,
  };
}

const LISTS = new Set(['purposes', 'preferences', 'channels']);

function unflattened(flat: Json): Json {
  const root: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(flat)) {
    const names = key.split('__');
    let node = root;
    for (const name of names.slice(0, -1)) {
      node[name] ??= {};
      node = node[name] as Record<string, unknown>;
    }
    node[names.at(-1) ?? ''] = value;
  }
  return withLists(root) as Json;
}

/** `{"0": {"id": "a"}}` and `{"a": {}}` under the name of a list become `[{"id": "a"}]`. */
function withLists(node: unknown, name = ''): unknown {
  if (!isObject(node)) return node;
  if (LISTS.has(name)) {
    return Object.entries(node).map(([key, item]) => ({
      ...(/^\d+$/.test(key) ? {} : { id: key }),
      ...(withLists(item) as Json),
    }));
  }
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, withLists(child, key)]));
}
