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
  for (const value of valuesOf(mapping)) {
    const { refused } = convert(value, type);
    if (refused !== undefined) return problem(name, `${id} ${refused}`, fixFor(type.kind));
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
  if (kind === 'missing') return 'Create it under Contacts → Settings → Contact attributes.';
  return 'Map another attribute, change its type in Brevo, or translate the values with "write".';
}

function checkLedger(integration: string, attribute: string, entries: Entries): Finding {
  const name = `${integration}: ledger ${attribute}`;
  const kind = entries.get(attribute)?.type.kind ?? 'missing';
  if (kind === 'text') return good(name, 'exists, of type text');
  const message =
    kind === 'missing' ? `${attribute} does not exist in Brevo` : `${attribute} is not a text attribute`;
  return problem(name, message, 'Create a text attribute of its own for the ledger.');
}
