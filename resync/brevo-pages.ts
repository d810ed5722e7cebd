import type { BrevoAccount } from '../brevo/accounts';
import type { CallOptions } from '../brevo/client';
import { type ContactPage, MAX_PAGE } from '../brevo/contact-page';
import { attributesIn, viewOf } from '../brevo/contact-view';
import type { IdentifierKind } from '../consent/identifier';
import type { Rules } from '../consent/rules';
import { type BrevoLine, identifiersOf, modificationOf } from './brevo-line';
import { BUCKETS, type Buckets, bucketOf, type Lengths } from './buckets';

/**
 * Each page begins with the last contacts of the page before. A contact that is deleted meanwhile moves all later ones
 * up, over the edge of a page that was read already; as long as a page begins with one that we have seen, none was
 * missed. Where it does not, as many are read again as it takes.
 */
export const OVERLAP = 10;

/** Where reading goes on after a crash. */
export interface PagesPosition {
  /** ms since 1970, when the first page was asked for. */
  readonly begunAt: number;
  /** Contacts passed so far, as Brevo counts them: not each of them another one. */
  readonly next: number;
  /** Different contacts so far. */
  readonly contacts: number;
  /** Ids of the last page. */
  readonly lastIds: readonly number[];
  /** Kinds of identifiers by which any contact was found. */
  readonly kinds: readonly IdentifierKind[];
  /** Of the buckets. */
  readonly lengths: Lengths;
}

/** What was read. */
export interface PagesRead {
  /** ms since 1970: what was there then was found. */
  readonly begunAt: number;
  readonly contacts: number;
  /** As many as Brevo counts: a contact that is not among them is none of Brevo's. */
  readonly complete: boolean;
  /** Brevo does not say for sure that a listing tells every identifier: of other kinds nobody knows. */
  readonly kinds: readonly IdentifierKind[];
}

export interface PagesInput {
  readonly account: Pick<BrevoAccount, 'client' | 'attributes'>;
  readonly rules: Rules;
  readonly buckets: Buckets<BrevoLine>;
  /** Absent: from the start; what the buckets hold is forgotten. */
  readonly from?: PagesPosition | undefined;
  /** Called after each page: what came before is on disk. */
  readonly onPage?: (position: PagesPosition) => void | Promise<void>;
  readonly options?: CallOptions;
}

const NO_LENGTHS: Lengths = Array.from({ length: BUCKETS }, () => 0);

/**
 * Reads all contacts of the account into buckets, under each identifier that the integration may name them by. A
 * contact that is read twice is written twice: the later line counts.
 *
 * @throws the errors of the Brevo client: nothing is retried here, and a new start goes on `from` the last position
 */
export async function readPages(input: PagesInput): Promise<PagesRead> {
  const { account, rules, buckets, from, onPage } = input;
  const options: CallOptions = { priority: 'bulk', ...input.options };
  await buckets.goBackTo(from?.lengths ?? NO_LENGTHS);
  const entries = await account.attributes.lookUp(attributesIn(rules));
  const attributes = [...entries.values()].map(({ name }) => name);
  const seen = new Seen(from);
  const begunAt = from?.begunAt ?? Date.now();
  let next = from?.next ?? 0;
  let overlap = OVERLAP;
  for (;;) {
    const offset = Math.max(0, next - overlap);
    const seenAt = Date.now();
    const page = await account.client.pageOfContacts({ limit: MAX_PAGE, offset, attributes }, options);
    if (offset > 0 && !seen.any(page) && !isShortOf(page, offset)) {
      overlap *= 10;
      continue;
    }
    for (const listed of page.contacts) {
      const contact = viewOf(listed, entries);
      for (const identifier of identifiersOf(listed, rules.identifier)) {
        seen.kinds.add(identifier.kind);
        await buckets.add(bucketOf(identifier), { identifier, contact, seenAt, ...modificationOf(listed) });
      }
    }
    seen.add(page);
    const reached = offset + page.contacts.length;
    const isOver = reached >= page.count;
    const isStuck = reached <= next && overlap === OVERLAP;
    next = reached;
    overlap = OVERLAP;
    const lengths = await buckets.flush();
    await onPage?.({ begunAt, next, ...seen.position(page), lengths });
    if (isOver || isStuck) {
      return { begunAt, contacts: seen.count, complete: seen.count >= page.count, kinds: [...seen.kinds] };
    }
  }
}

/** Brevo counts more contacts than it shows: going back would not end. */
function isShortOf({ contacts, count }: ContactPage, offset: number): boolean {
  return contacts.length === 0 && offset < count;
}

/** Tells contacts apart by their ids. After a crash those of the last page are known, and the others are counted. */
class Seen {
  readonly kinds: Set<IdentifierKind>;
  private readonly ids: Set<number>;
  private readonly before: number;

  constructor(from: PagesPosition | undefined) {
    this.kinds = new Set(from?.kinds);
    this.ids = new Set(from?.lastIds);
    this.before = (from?.contacts ?? 0) - this.ids.size;
  }

  get count(): number {
    return this.before + this.ids.size;
  }

  any({ contacts }: ContactPage): boolean {
    return contacts.some(({ id }) => this.ids.has(id));
  }

  add({ contacts }: ContactPage): void {
    for (const { id } of contacts) this.ids.add(id);
  }

  position({ contacts }: ContactPage): Pick<PagesPosition, 'contacts' | 'lastIds' | 'kinds'> {
    return { contacts: this.count, lastIds: contacts.map(({ id }) => id), kinds: [...this.kinds] };
  }
}
