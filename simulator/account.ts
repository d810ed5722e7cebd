import type { Attributes } from './attributes';
import { ContactStore } from './contact-store';
import { type ContactList, DEFAULT_LISTS, defaultAttributes } from './defaults';
import { changedSwitches, defaultSwitches, type SimulatorSwitches } from './switches';

export interface AccountOptions {
  /** Attribute name to short form of its type, added to the defaults. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly switches: Partial<SimulatorSwitches>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** All state of one Brevo account. */
export class Account {
  readonly attributes: Attributes;
  readonly lists: Map<number, ContactList>;
  readonly contacts: ContactStore;
  readonly now: () => number;
  private current: SimulatorSwitches;
  private processes = 0;

  constructor(options: AccountOptions) {
    this.now = options.now;
    this.current = changedSwitches(defaultSwitches(), options.switches);
    const attributes = defaultAttributes(options.attributes);
    this.attributes = new Map(attributes.map((definition) => [definition.name, definition]));
    const createdAt = options.now();
    this.lists = new Map(DEFAULT_LISTS.map((list) => [list.id, { ...list, createdAt }]));
    this.contacts = new ContactStore(options.now, () => this.current.readLagMs);
  }

  get switches(): Readonly<SimulatorSwitches> {
    return this.current;
  }

  /** Throws a plain-language error, and changes nothing, when a name or value is none. */
  changeSwitches(changes: Readonly<Record<string, unknown>>): void {
    this.current = changedSwitches(this.current, changes);
  }

  nextProcessId(): number {
    this.processes += 1;
    return this.processes;
  }
}
