import type { NewAttribute } from '../../brevo/attribute';
import type { AttributeEntry } from '../../brevo/attribute-directory';
import { convert } from '../../consent/attribute';
import { BLACKLIST_FLAG, type Mapping, type Rules } from '../../consent/rules';
import type { ConsentValue } from '../../consent/statement';
import { type Finding, good, problem } from './finding';

type Entries = ReadonlyMap<string, AttributeEntry>;

/** Whether every attribute of an integration exists, with a type that can hold what is mapped to it. */
export function checkAttributes(
  { integration, mappings, ledgerAttribute }: Rules,
  entries: Entries,
): Finding[] {
  return [
    ...mappings
      .filter(({ id }) => id !== BLACKLIST_FLAG)
      .map((one) => checkMapping(integration, one, entries)),
    ...(ledgerAttribute === undefined ? [] : [checkLedger(integration, ledgerAttribute, entries)]),
  ];
}

function checkMapping(integration: string, mapping: Mapping, entries: Entries): Finding {
  const { id } = mapping;
  const name = `${integration}: attribute ${id}`;
  const type = entries.get(id)?.type ?? { kind: 'missing' as const };
  const repair = { kind: 'attribute', integration, name: id, type: fittingType(mapping) } as const;
  const missing = type.kind === 'missing' ? repair : undefined;
  for (const value of valuesOf(mapping)) {
    const { refused } = convert(value, type);
    if (refused !== undefined) return problem(name, `${id} ${refused}`, fixFor(type.kind), missing);
  }
  if (isPreference(mapping) && NO_TEXTS.has(type.kind)) {
    return problem(
      name,
      `${id} is a ${type.kind} in Brevo, and a preference's answers are texts`,
      fixFor(type.kind),
    );
  }
  return good(name, `exists, of type ${type.kind}`);
}

/** The type of a new attribute that can hold all that the mapping comes to. */
function fittingType(mapping: Mapping): NewAttribute['type'] {
  const values = valuesOf(mapping);
  if (values.every((value) => typeof value === 'boolean')) return 'boolean';
  return values.every((value) => typeof value === 'number') ? 'float' : 'text';
}

const NO_TEXTS: ReadonlySet<string> = new Set(['boolean', 'number', 'date']);

/** Its answers are ids that Didomi's customer chose. */
function isPreference({ value: path, write }: Mapping): boolean {
  return write === undefined && /^consents_.*_value$/.test(path);
}

/** Values that the mapping can come to, as far as its path and its `write` tell. */
function valuesOf({ value: path, write }: Mapping): readonly ConsentValue[] {
  if (write) return Object.values(write);
  if (/_enabled(_li)?$/.test(path)) return [true, false];
  // Which answers a preference or a record may have is not known here; that there may be none is.
  return [''];
}

function fixFor(kind: string): string {
  if (kind === 'missing') return CREATE_IT;
  if (kind === 'unwritable')
    return 'Map an attribute that a contact holds itself; this one is left as it is.';
  return 'Map another attribute, or translate the values with "write". Brevo changes the type of no attribute: for another type make a new one.';
}

const CREATE_IT =
  'Create it under Contacts → Settings → Contact attributes, or run: consent-sync doctor --fix';

function checkLedger(integration: string, attribute: string, entries: Entries): Finding {
  const name = `${integration}: ledger ${attribute}`;
  const kind = entries.get(attribute)?.type.kind ?? 'missing';
  if (kind === 'text') return good(name, 'exists, of type text');
  if (kind === 'missing') {
    const repair = { kind: 'attribute', integration, name: attribute, type: 'text' } as const;
    return problem(name, `${attribute} does not exist in Brevo`, CREATE_IT, repair);
  }
  return problem(
    name,
    `${attribute} is not a text attribute`,
    'Create a text attribute of its own for the ledger.',
  );
}
