import type { BrevoAccount } from '../brevo/accounts';
import type { CallOptions } from '../brevo/client';
import { attributesIn, viewOf } from '../brevo/contact-view';
import { BrevoRefusedError } from '../brevo/errors';
import type { Rules } from '../consent/rules';
import { type BrevoLine, modificationOf } from './brevo-line';
import { BUCKETS, type Buckets, type Lengths } from './buckets';
import type { MergedContact } from './merged-contact';

/** Where looking goes on after a crash. */
export interface LookUpsPosition {
  readonly bucket: number;
  /** Contacts of that bucket that were looked up. */
  readonly done: number;
  /** Of the buckets that are written. */
  readonly lengths: Lengths;
}

export interface LookUpsInput {
  readonly account: Pick<BrevoAccount, 'client' | 'attributes'>;
  readonly rules: Rules;
  /** Who is looked up: the contacts of one bucket, each time in the same order. */
  readonly contactsIn: (bucket: number) => AsyncIterable<Pick<MergedContact, 'identifier'>>;
  readonly buckets: Buckets<BrevoLine>;
  /** Absent: from the start; what the buckets hold is forgotten. */
  readonly from?: LookUpsPosition | undefined;
  /** Called now and then: what came before is on disk. */
  readonly onCheckpoint?: (position: LookUpsPosition) => void | Promise<void>;
  readonly options?: CallOptions;
}

/** Looks at a time, so that the time of an answer does not slow what the budget allows. */
const AT_ONCE = 8;
/** Looks after which the position is told: what a crash costs at most. */
const CHECKPOINT_EVERY = 64;

const START: LookUpsPosition = {
  bucket: 0,
  done: 0,
  lengths: Array.from({ length: BUCKETS }, () => 0),
};

/**
 * Looks contacts up one by one, into the same buckets as pages are read into. Of one that Brevo does not have that is
 * noted; of one that it refuses to look for, nothing.
 *
 * @throws the errors of the Brevo client: nothing is retried here, and a new start goes on `from` the last position
 */
export async function lookUpContacts(input: LookUpsInput): Promise<void> {
  const { account, rules, buckets, onCheckpoint } = input;
  const options: CallOptions = { priority: 'bulk', ...input.options };
  const from = input.from ?? START;
  await buckets.goBackTo(from.lengths);
  const entries = await account.attributes.lookUp(attributesIn(rules));
  const look = async ({ identifier }: Pick<MergedContact, 'identifier'>): Promise<BrevoLine[]> => {
    const seenAt = Date.now();
    try {
      const contact = await account.client.getContact(identifier, options);
      const view = contact && viewOf(contact, entries);
      return [{ identifier, contact: view, seenAt, ...(contact && modificationOf(contact)) }];
    } catch (error) {
      // One identifier that Brevo does not take must not end the run: its workflow tells.
      if (error instanceof BrevoRefusedError) return [];
      throw error;
    }
  };
  let sinceCheckpoint = 0;
  for (let bucket = from.bucket; bucket < BUCKETS; bucket += 1) {
    let done = bucket === from.bucket ? from.done : 0;
    for await (const some of inGroups(input.contactsIn(bucket), done)) {
      for (const line of (await Promise.all(some.map(look))).flat()) await buckets.add(bucket, line);
      done += some.length;
      sinceCheckpoint += some.length;
      if (sinceCheckpoint < CHECKPOINT_EVERY) continue;
      sinceCheckpoint = 0;
      const lengths = await buckets.flush();
      await onCheckpoint?.({ bucket, done, lengths });
    }
  }
  const lengths = await buckets.flush();
  await onCheckpoint?.({ bucket: BUCKETS, done: 0, lengths });
}

async function* inGroups<T>(all: AsyncIterable<T>, skipped: number): AsyncGenerator<T[]> {
  let index = 0;
  let group: T[] = [];
  for await (const one of all) {
    index += 1;
    if (index <= skipped) continue;
    group.push(one);
    if (group.length < AT_ONCE) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
