import { type Contact, PHONE_ATTRIBUTES, type PhoneAttribute } from './contact';
import { RecentWrites } from './recent-writes';

/** What names one contact only. */
export type UniqueKey = 'email' | 'ext_id' | PhoneAttribute;
export const UNIQUE_KEYS: readonly UniqueKey[] = ['email', ...PHONE_ATTRIBUTES, 'ext_id'];

/** The value by which `contact` is known under `key`. */
export function keyOf(contact: Contact, key: UniqueKey): string | undefined {
  if (key === 'email') return contact.email;
  if (key === 'ext_id') return contact.extId;
  const value = contact.attributes[key];
  return typeof value === 'string' ? value : undefined;
}

/** The contacts of the account, found by id and by every unique key. */
export class ContactStore {
  private readonly contacts = new Map<number, Contact>();
  /** Ids of all contacts, rising: the order of creation. */
  private readonly ids: number[] = [];
  private readonly indexes = new Map(UNIQUE_KEYS.map((key) => [key, new Map<string, number>()]));
  private readonly recent = new RecentWrites();
  private lastId = 0;

  /** @param lagMs how far reads may lag; asked at each write, 0 = not at all */
  constructor(
    private readonly now: () => number,
    private readonly lagMs: () => number,
  ) {}

  get size(): number {
    return this.contacts.size;
  }

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  get(id: number): Contact | undefined {
    return this.contacts.get(id);
  }

  find(key: UniqueKey, value: string): Contact | undefined {
    const id = this.indexes.get(key)?.get(value);
    return id === undefined ? undefined : this.contacts.get(id);
  }

  /** Adds the contact, or puts it in the place of the one with its id. */
  put(contact: Contact): void {
    const before = this.contacts.get(contact.id);
    this.remember(contact.id, before);
    if (before === undefined) this.ids.push(contact.id);
    else this.unindex(before);
    this.contacts.set(contact.id, contact);
    for (const [key, index] of this.indexes) {
      const value = keyOf(contact, key);
      if (value !== undefined) index.set(value, contact.id);
    }
  }

  delete(contact: Contact): void {
    this.remember(contact.id, contact);
    this.unindex(contact);
    this.contacts.delete(contact.id);
    const index = this.ids.indexOf(contact.id);
    if (index >= 0) this.ids.splice(index, 1);
  }

  /** Ids in the order of creation; not to be changed. */
  allIds(): readonly number[] {
    return this.ids;
  }

  all(): IterableIterator<Contact> {
    return this.contacts.values();
  }

  /** Contacts that readers subject to the lag still see in an earlier state (undefined = not yet there). */
  lagging(): ReadonlyMap<number, Contact | undefined> {
    return this.recent.statesAt(this.now() - this.lagMs());
  }

  private remember(id: number, before: Contact | undefined): void {
    if (this.lagMs() > 0) this.recent.record(id, before, this.now());
  }

  private unindex(contact: Contact): void {
    for (const [key, index] of this.indexes) {
      const value = keyOf(contact, key);
      if (value !== undefined) index.delete(value);
    }
  }
}
