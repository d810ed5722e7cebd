import type { Rules } from '../../consent/rules';
import type { DidomiApi } from '../../didomi/api/didomi-api';
import { DidomiRefusedError, DidomiUnavailableError } from '../../didomi/api/errors';
import { readingOfUsers } from '../../didomi/api/user-reading';
import type { Batch, Source, SourceRecord } from '../source';

export interface ListingPosition {
  /** Index of the regulation. */
  readonly regulation: number;
  /** Of the next page; null = the first one. */
  readonly cursor: string | null;
  /** Records of this regulation that are done. */
  readonly done: number;
}

/** How the listing of all users is called in reports. */
const NAME = "Didomi's API";

const BEGINNING: ListingPosition = { regulation: 0, cursor: null, done: 0 };

/**
 * All users that Didomi's API knows, a regulation after the other; a batch is a page. How long a cursor lives Didomi does
 * not say: when it is refused, after a long rest for example, the regulation is read anew, once. Reading somebody twice
 * changes nothing.
 */
export class UsersSource implements Source<ListingPosition> {
  /** @param now ms since 1970 */
  constructor(
    private readonly api: Pick<DidomiApi, 'pageOfUsers'>,
    private readonly rules: Rules,
    private readonly now: () => number = Date.now,
  ) {}

  async *batches(
    from: ListingPosition | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Batch<ListingPosition>> {
    let at = from ?? BEGINNING;
    let mayBeginAnew = true;
    for (;;) {
      const regulation = this.rules.regulations[at.regulation];
      if (regulation === undefined) return;
      try {
        const batch = await this.page(regulation, at, signal);
        yield batch;
        at = batch.next;
      } catch (error) {
        if (!(error instanceof DidomiRefusedError && at.cursor !== null && mayBeginAnew)) throw error;
        mayBeginAnew = false;
        at = { ...BEGINNING, regulation: at.regulation };
      }
    }
  }

  private async page(
    regulation: string,
    at: ListingPosition,
    signal: AbortSignal,
  ): Promise<Batch<ListingPosition>> {
    const readAt = this.now();
    const cursor = at.cursor ?? undefined;
    const page = await this.api.pageOfUsers({ regulation, cursor, signal });
    const file = `${NAME}, ${regulation}`;
    const read = page.users.map((user, index): SourceRecord => {
      return { file, line: at.done + index + 1, reading: readingOfUsers([user], this.rules, readAt) };
    });
    // Their places in the page are part of the reasons.
    const unreadable = page.unreadable.map((reason): SourceRecord => {
      return { file, line: at.done + 1, reading: { status: 'broken', reason } };
    });
    return {
      records: [...read, ...unreadable],
      calls: 1,
      next: this.after(at, page.cursor, read.length + unreadable.length),
    };
  }

  private after(at: ListingPosition, cursor: string | null, records: number): ListingPosition {
    if (cursor === null) return { regulation: at.regulation + 1, cursor, done: 0 };
    if (cursor === at.cursor) {
      throw new DidomiUnavailableError('GET /consents/users says that the next page is the one it answers.', {
        call: 'GET /consents/users',
        status: 200,
      });
    }
    return { ...at, cursor, done: at.done + records };
  }
}
