export const CATEGORIES = ['normal', 'transactional', 'category', 'calculated', 'global'] as const;
export type AttributeCategory = (typeof CATEGORIES)[number];
export const TYPES = [
  'text',
  'date',
  'float',
  'boolean',
  'id',
  'category',
  'multiple-choice',
  'user',
] as const;
export type AttributeType = (typeof TYPES)[number];

/** An option of a category attribute. `id` is the stored text of its value: "1", but also "en". */
export interface CategoryOption {
  readonly id: string;
  readonly label: string;
}

/** An attribute of the account. Seen in Brevo's API reference. */
export interface AttributeDefinition {
  readonly name: string;
  readonly category: AttributeCategory;
  /** Undefined for calculated and global attributes. */
  readonly type: AttributeType | undefined;
  /** Options of a category attribute. */
  readonly enumeration?: readonly CategoryOption[];
  /** Options of a multiple-choice attribute. */
  readonly options?: readonly string[];
  /** Formula of a calculated or global attribute. */
  readonly formula?: string;
}

/** Attributes by name, in the order in which they were made. */
export type Attributes = Map<string, AttributeDefinition>;

/** As GET /contacts/attributes shows it: no `type` for category attributes, `value` 0 for an id that is no number. */
export function toAttributeJson(definition: AttributeDefinition): Record<string, unknown> {
  const { name, category, type, enumeration, options, formula } = definition;
  return {
    name,
    category,
    ...(type === undefined || category === 'category' ? {} : { type }),
    ...(enumeration === undefined ? {} : { enumeration: enumeration.map(toOptionJson) }),
    ...(options === undefined ? {} : { multiCategoryOptions: options }),
    ...(formula === undefined ? {} : { calculatedValue: formula }),
  };
}

function toOptionJson(option: CategoryOption) {
  return { value: /^\d+$/.test(option.id) ? Number(option.id) : 0, valueStr: option.id, label: option.label };
}

/**
 * A definition from a short form: a type ("boolean"), or "category:daily,weekly" and "multiple-choice:a,b" with options.
 * Throws a plain-language error when the type is none of Brevo's.
 */
export function definitionOf(name: string, shortForm: string): AttributeDefinition {
  const [type = '', list = ''] = shortForm.split(':', 2);
  const options = list
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '');
  switch (type) {
    case 'text':
    case 'date':
    case 'float':
    case 'boolean':
    case 'user':
      return { name, category: 'normal', type };
    case 'multiple-choice':
      return { name, category: 'normal', type, options };
    case 'id':
      return { name, category: 'transactional', type };
    case 'category':
      return {
        name,
        category: 'category',
        type,
        enumeration: options.map((label, index) => ({ id: String(index + 1), label })),
      };
    case 'calculated':
    case 'global':
      return { name, category: type, type: undefined, formula: 'COUNT[BLACKLISTED,BLACKLISTED,<,NOW()]' };
    default:
      throw new Error(
        `Attribute ${name}: ${JSON.stringify(type)} is no type. Types: ${TYPES.join(', ')}, calculated, global.`,
      );
  }
}
