import { describe, expect, it } from '@jest/globals';
import { KnownGuards } from '../../../resync/known-guards';
import { temporaryFolders } from '../../support/temporary-folder';

const makeFolder = temporaryFolders();

describe('what was found guarded', () => {
  it('is known to later runs of the integration, the latest of each contact', async () => {
    const root = await makeFolder();
    const first = await KnownGuards.open(root, 'shop');
    await first.add([
      { contactKey: 'a', id: 1, time: 10 },
      { contactKey: 'b', id: 2, time: 20 },
    ]);
    await first.add([{ contactKey: 'a', id: 1, time: 11 }]);
    const later = await KnownGuards.open(root, 'shop');
    expect([later.timeOf('a', 1), later.timeOf('a', 9), later.timeOf('b', 2), later.timeOf('c', 3)]).toEqual([
      11,
      undefined,
      20,
      undefined,
    ]);
    expect((await KnownGuards.open(root, 'club')).size).toBe(0);
  });
});
