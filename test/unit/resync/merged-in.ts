import type { Gathered } from '../../../didomi/gathered';
import { BUCKETS, type Buckets } from '../../../resync/buckets';
import type { MergedContact } from '../../../resync/merged-contact';
import { reduceBucket } from '../../../resync/reduce';

/** All contacts of all buckets, in the order of identifiers. */
export async function mergedIn(buckets: Buckets<Gathered>): Promise<MergedContact[]> {
  const contacts: MergedContact[] = [];
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    contacts.push(...(await reduceBucket(buckets.read(bucket))));
  }
  return contacts.sort((a, b) => (a.identifier.value < b.identifier.value ? -1 : 1));
}
