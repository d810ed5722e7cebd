import type { AttributeType } from '../consent/attribute';
import type { BrevoAttribute } from './answers';
import type { CallOptions } from './client';

export interface AttributeDirectoryOptions {
  /** Age in ms from which a description is read again. */
  readonly maxAgeMs?: number;
  /** Least time in ms between two reads for an attribute that is not there. */
  readonly missingAgeMs?: number;
  /** Monotonic clock in ms. */
  readonly now?: () => number;
}

/** An attribute as it must be written. */
export interface AttributeEntry {
  /** As Brevo spells it; what it does with another spelling is not documented. */
  readonly name: string;
  readonly type: AttributeType;
}

type Entries = ReadonlyMap<string, AttributeEntry>;

const MAX_AGE_MS = 5 * 60_000;
const MISSING_AGE_MS = 30_000;

/**
 * What the attributes of one Brevo account can hold, remembered for five minutes. A name that is not there makes it
 * look again, at most every 30 s, so an attribute that somebody has just created is found soon.
 */
export class AttributeDirectory {
  private readonly maxAgeMs: number;
  private readonly missingAgeMs: number;
  private readonly now: () => number;
  private entries: Entries | undefined;
  private loadedAt = Number.NEGATIVE_INFINITY;
  private failedAt = Number.NEGATIVE_INFINITY;
  private loading: Promise<Entries> | undefined;

  /** @param load reads all attributes of the account */
  constructor(
    private readonly load: (options: CallOptions) => Promise<readonly BrevoAttribute[]>,
    { maxAgeMs, missingAgeMs, now }: AttributeDirectoryOptions = {},
  ) {
    this.maxAgeMs = maxAgeMs ?? MAX_AGE_MS;
    this.missingAgeMs = missingAgeMs ?? MISSING_AGE_MS;
    this.now = now ?? (() => performance.now());
  }

  /**
   * The attributes by the names asked for, whatever their case; one that Brevo does not have is `missing`.
   * @param options of the call, where one has to be made
   * @throws what `load` throws, unless there is an old description: types don't change, and a withdrawal must not
   * wait for a description
   */
  async lookUp(
    names: readonly string[],
    options: CallOptions = {},
  ): Promise<ReadonlyMap<string, AttributeEntry>> {
    const entries =
      names.length === 0 ? new Map<string, AttributeEntry>() : await this.entriesFor(names, options);
    return new Map(
      names.map((name) => [name, entries.get(key(name)) ?? { name: key(name), type: { kind: 'missing' } }]),
    );
  }

  private async entriesFor(names: readonly string[], options: CallOptions): Promise<Entries> {
    const { entries } = this;
    const complete = entries !== undefined && names.every((name) => entries.has(key(name)));
    const age = this.now() - this.loadedAt;
    if (entries !== undefined && age < (complete ? this.maxAgeMs : this.missingAgeMs)) return entries;
    if (entries !== undefined && this.now() - this.failedAt < this.missingAgeMs) return entries;
    try {
      return await this.reload(options);
    } catch (error) {
      if (entries !== undefined) return entries;
      throw error;
    }
  }

  /** All who ask meanwhile share one call. */
  private reload(options: CallOptions): Promise<Entries> {
    this.loading ??= this.readAll(options).finally(() => {
      this.loading = undefined;
    });
    return this.loading;
  }

  private async readAll(options: CallOptions): Promise<Entries> {
    try {
      const attributes = await this.load(options);
      this.entries = index(attributes);
      this.loadedAt = this.now();
      return this.entries;
    } catch (error) {
      this.failedAt = this.now();
      throw error;
    }
  }
}

function key(name: string): string {
  return name.toUpperCase();
}

/** Two categories may use one name; contacts hold the one that can be written. */
function index(attributes: readonly BrevoAttribute[]): Entries {
  const entries = new Map<string, AttributeEntry>();
  for (const attribute of attributes) {
    const type = typeOf(attribute);
    if (type.kind !== 'unwritable' || !entries.has(key(attribute.name))) {
      entries.set(key(attribute.name), { name: attribute.name, type });
    }
  }
  return entries;
}

/** Attributes that are identifiers; writing one renames the contact or clashes with another. */
const IDENTIFIERS: ReadonlySet<string> = new Set(['EMAIL', 'EXT_ID', 'SMS', 'WHATSAPP', 'LANDLINE_NUMBER']);

/** Brevo's categories and types, as its API reference lists them. */
function typeOf({ name, category, type, enumeration, multiCategoryOptions }: BrevoAttribute): AttributeType {
  if (IDENTIFIERS.has(key(name))) return unwritable('it identifies the contact');
  if (category === 'category') {
    return {
      kind: 'category',
      options: (enumeration ?? []).map(({ value, valueStr, label }) => ({ id: valueStr ?? value, label })),
    };
  }
  if (category !== 'normal')
    return unwritable(`it is a ${category} attribute, which a contact does not hold itself`);
  switch (type) {
    case 'boolean':
      return { kind: 'boolean' };
    case 'text':
      return { kind: 'text' };
    case 'float':
      return { kind: 'number' };
    case 'date':
      return { kind: 'date' };
    case 'multiple-choice':
      return { kind: 'multiple-choice', options: multiCategoryOptions ?? [] };
    default:
      return unwritable(`its type is ${type ?? 'not said'}, which consent-sync does not write`);
  }
}

function unwritable(why: string): AttributeType {
  return { kind: 'unwritable', why };
}
