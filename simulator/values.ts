import type { AttributeDefinition } from './attributes';
import type { AttributeValue } from './contact';
import { normalDate } from './formats';

/** What a write does to an attribute: `drop` means a success status and no change at all. */
export type ValueWrite =
  | { readonly kind: 'store'; readonly value: AttributeValue }
  | { readonly kind: 'clear' }
  | { readonly kind: 'drop' };

const DROP: ValueWrite = { kind: 'drop' };
const CLEAR: ValueWrite = { kind: 'clear' };
const store = (value: AttributeValue): ValueWrite => ({ kind: 'store', value });

/**
 * What Brevo makes of a value sent for an attribute. Seen in Brevo's API reference: a value that does not match the
 * attribute's type is ignored; reported by practitioners: `"true"` and 1 for a boolean are, too, and `""` clears.
 * Inferred: null clears, a number sent to a text is stored as text, calculated and global attributes can't be written.
 */
export function valueWrite(definition: AttributeDefinition, value: unknown): ValueWrite {
  if (definition.category === 'calculated' || definition.category === 'global') return DROP;
  if (value === '' || value === null) return CLEAR;
  switch (definition.type) {
    case 'boolean':
      return typeof value === 'boolean' ? store(value) : DROP;
    case 'float':
      return typeof value === 'number' ? store(value) : DROP;
    case 'date':
      return dateWrite(value);
    case 'category':
      return categoryWrite(definition, value);
    case 'multiple-choice':
      return multipleChoiceWrite(definition, value);
    default:
      return textWrite(value);
  }
}

function textWrite(value: unknown): ValueWrite {
  if (typeof value === 'string') return store(value);
  return typeof value === 'number' ? store(String(value)) : DROP;
}

function dateWrite(value: unknown): ValueWrite {
  const date = typeof value === 'string' ? normalDate(value) : undefined;
  return date === undefined ? DROP : store(date);
}

function categoryWrite(definition: AttributeDefinition, value: unknown): ValueWrite {
  if (typeof value !== 'string' && typeof value !== 'number') return DROP;
  const wanted = String(value);
  const options = definition.enumeration ?? [];
  const option = options.find(({ id }) => id === wanted) ?? options.find(({ label }) => label === wanted);
  return option === undefined ? DROP : store(option.label);
}

function multipleChoiceWrite(definition: AttributeDefinition, value: unknown): ValueWrite {
  if (!Array.isArray(value)) return DROP;
  if (value.length === 0) return CLEAR;
  const chosen = (definition.options ?? []).filter((option) => value.includes(option));
  return chosen.length === 0 ? DROP : store(chosen);
}
