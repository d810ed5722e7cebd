import { isObject, type Json } from './delivery';

/** Plain, or with Didomi's "flatten" option, array items named by position or by id. */
export const FORMS = ['plain', 'flat by position', 'flat by id'] as const;
export type Form = (typeof FORMS)[number];

/** Ways in which one second may be spelled. */
export const SPELLINGS = ['Z', 'fraction', 'offset'] as const;
export type Spelling = (typeof SPELLINGS)[number];

/** Whole seconds since the epoch, as ISO 8601. */
export function spelled(seconds: number, spelling: Spelling = 'Z'): string {
  const iso = (at: number) => new Date(at * 1000).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
  if (spelling === 'fraction') return `${iso(seconds)}.739Z`;
  if (spelling === 'offset') return `${iso(seconds + 2 * 3600)}+02:00`;
  return `${iso(seconds)}Z`;
}

/** A message as Didomi sends it in this form: flattened, an update tells nothing of what was before. */
export function onTheWire(message: Json, form: Form): Json {
  if (form === 'plain') return message;
  const { type, regulation, parameters } = message;
  const { entity, new_entity } = parameters as Json;
  return {
    type,
    ...(regulation !== undefined && { regulation }),
    parameters: { entity: flattened((new_entity ?? entity) as Json, form) },
  };
}

function flattened(entity: Json, form: Form): Json {
  const flat: Record<string, unknown> = {};
  const walk = (node: unknown, name: string): void => {
    if (Array.isArray(node) && node.length > 0) {
      node.forEach((item: Json, index) => {
        if (form === 'flat by position') {
          walk(item, `${name}__${index}`);
          return;
        }
        const { id, ...rest } = item;
        walk(rest, `${name}__${String(id)}`);
      });
    } else if (isObject(node) && Object.keys(node).length > 0) {
      for (const [key, child] of Object.entries(node)) walk(child, name === '' ? key : `${name}__${key}`);
    } else {
      flat[name] = node;
    }
  };
  walk(entity, '');
  return flat;
}
