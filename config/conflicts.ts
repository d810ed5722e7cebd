import { BLACKLIST_FLAG } from '../consent/rules';
import type { Finding } from './problem';
import type { IntegrationForm } from './shapes';
import { isObject, type Path, pathText, valueAt } from './tree';

/** An integration as far as it can be read, so that conflicts show even where other things are wrong. */
interface Sketch {
  readonly name: string;
  readonly apiKey: unknown;
  readonly entries: readonly Entry[];
  readonly ledger: Ledger | undefined;
}

interface Ledger {
  readonly path: Path;
  /** Upper-cased. */
  readonly attribute: string;
}

interface Entry {
  readonly path: Path;
  /** Upper-cased, as Brevo's attribute names are. */
  readonly id: string;
  readonly write: unknown;
}

const PLACES = {
  classic: { apiKey: ['config', 'api_key'], entries: ['config', 'properties'] },
  newer: { apiKey: ['authentication', 'private_api_key'], entries: ['mappings'] },
} as const satisfies Record<IntegrationForm, { apiKey: Path; entries: Path }>;

export interface RawIntegration {
  readonly name: string;
  readonly form: IntegrationForm;
  readonly path: Path;
}

/** What each part allows but the whole does not: ids mapped twice, and values that their target cannot take. */
export function conflicts(root: unknown, integrations: readonly RawIntegration[]): Finding[] {
  const sketches = integrations.map((integration) => sketch(root, integration));
  return [
    ...sketches.flatMap(({ entries }) => duplicateIds(entries)),
    ...sketches.flatMap(({ entries }) => entries.flatMap(writeProblems)),
    ...sharedAttributes(sketches),
    ...sketches.flatMap((one, index) => mappedLedger(one, sketches.slice(0, index), sketches)),
  ];
}

function sketch(root: unknown, { name, form, path }: RawIntegration): Sketch {
  const place = PLACES[form];
  const entriesPath: Path = [...path, ...place.entries];
  const list = valueAt(root, entriesPath);
  const entries = (Array.isArray(list) ? list : []).flatMap((entry, index) => {
    const id = valueAt(entry, ['id']);
    if (typeof id !== 'string') return [];
    return [{ path: [...entriesPath, index], id: id.toUpperCase(), write: valueAt(entry, ['write']) }];
  });
  const ledgerPath: Path = [...path, 'options', 'ledger_attribute'];
  const attribute = valueAt(root, ledgerPath);
  return {
    name,
    apiKey: valueAt(root, [...path, ...place.apiKey]),
    entries,
    ledger:
      typeof attribute === 'string' ? { path: ledgerPath, attribute: attribute.toUpperCase() } : undefined,
  };
}

function duplicateIds(entries: readonly Entry[]): Finding[] {
  const first = new Map<string, Entry>();
  return entries.flatMap((entry) => {
    const other = first.get(entry.id);
    if (other === undefined) {
      first.set(entry.id, entry);
      return [];
    }
    return [
      {
        path: [...entry.path, 'id'],
        message: `maps ${entry.id} a second time: ${pathText(other.path)} maps it already (Brevo does not tell upper from lower case)`,
        fix: 'Give each attribute one entry.',
      },
    ];
  });
}

function writeProblems({ path, id, write }: Entry): Finding[] {
  if (!isObject(write)) return [];
  const entries = Object.entries(write);
  if (entries.length === 0) {
    return [
      {
        path: [...path, 'write'],
        message: 'lists no value, so that every value would be rejected',
        fix: 'List what Brevo gets for each Didomi value, or remove "write".',
      },
    ];
  }
  if (id !== BLACKLIST_FLAG) return [];
  return entries
    .filter(([, value]) => typeof value !== 'boolean')
    .map(([key]) => ({
      path: [...path, 'write', key],
      message: `must be true (off the e-mail blacklist) or false (on it), because ${BLACKLIST_FLAG} is no attribute`,
    }));
}

/** Two workflows would write the same attribute of the same contact, each sure of its own value. */
function sharedAttributes(sketches: readonly Sketch[]): Finding[] {
  return sketches.flatMap((later, index) => {
    if (typeof later.apiKey !== 'string') return [];
    const sameAccount = sketches.slice(0, index).filter(({ apiKey }) => apiKey === later.apiKey);
    return later.entries.flatMap((entry) => {
      const earlier = sameAccount.find(({ entries }) => entries.some(({ id }) => id === entry.id));
      if (earlier === undefined) return [];
      return [
        {
          path: [...entry.path, 'id'],
          message: `the integrations "${earlier.name}" and "${later.name}" have the same Brevo API key and both map ${entry.id}`,
          fix: 'Let one of them map it: each would overwrite what the other wrote.',
        },
      ];
    });
  });
}

/** A ledger that anybody else writes to is no ledger. */
function mappedLedger(
  { apiKey, ledger, entries }: Sketch,
  earlier: readonly Sketch[],
  all: readonly Sketch[],
): Finding[] {
  if (ledger === undefined) return [];
  const { path, attribute } = ledger;
  const fix = 'Give the ledger a text attribute of its own.';
  const sameAccount = (other: Sketch) => typeof apiKey === 'string' && other.apiKey === apiKey;
  const mapping = [...entries, ...all.filter(sameAccount).flatMap((other) => other.entries)];
  const mapped = mapping.find(({ id }) => id === attribute);
  if (mapped) return [{ path, message: `${attribute} is mapped too, by ${pathText(mapped.path)}`, fix }];
  const other = earlier.filter(sameAccount).find((one) => one.ledger?.attribute === attribute);
  if (!other) return [];
  const message = `the integration "${other.name}" has the same Brevo API key and keeps its ledger in ${attribute} already`;
  return [{ path, message, fix }];
}
