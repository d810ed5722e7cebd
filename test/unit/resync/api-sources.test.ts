import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Rules } from '../../../consent/rules';
import type { DidomiApi } from '../../../didomi/api/didomi-api';
import {
  DidomiHeldError,
  DidomiRateLimitedError,
  DidomiRefusedError,
  DidomiUnavailableError,
} from '../../../didomi/api/errors';
import type { Batch, Source, SourceRecord } from '../../../resync/source';
import { IdsSource } from '../../../resync/sources/ids-source';
import { UsersSource } from '../../../resync/sources/users-source';
import { temporaryFolders } from '../../support/temporary-folder';
import { NOW, rulesFor } from '../didomi/rules';
import { didomiError, StubDidomi, userBody } from '../didomi-api/stub-didomi';

const folder = temporaryFolders();
const RULES: Rules = rulesFor(['consents_purposes_newsletter_enabled'], { regulations: ['gdpr', 'cpra'] });
const NEVER_ABORTED = new AbortController().signal;

let stub: StubDidomi;
let api: DidomiApi;
beforeAll(async () => {
  stub = await StubDidomi.start();
  api = stub.api();
});
beforeEach(() => stub.reset());
afterAll(() => stub.close());

/** Answers reads of users by what is asked for. */
function answer(answers: (query: URLSearchParams) => object): void {
  stub.handler = ({ url }) => ({ body: answers(new URL(url ?? '', stub.url).searchParams) });
}

const page = (ids: readonly number[], cursor: string | null) => ({
  data: ids.map((id) => userBody({ id: `u-${id}`, organization_user_id: `user${id}@example.com` })),
  limit: 100,
  cursor,
});

async function all<P>(source: Source<P>, from?: P): Promise<Batch<P>[]> {
  const batches: Batch<P>[] = [];
  for await (const batch of source.batches(from, NEVER_ABORTED)) batches.push(batch);
  return batches;
}

const told = ({ reading }: SourceRecord) =>
  reading.status === 'read'
    ? reading.gathered.map(({ identifier, date }) => [identifier.value, date])
    : 'reason' in reading && [reading.status, reading.reason];

describe('all users of the API', () => {
  const source = () => new UsersSource(api, RULES, () => NOW);

  const PAGES: Record<string, object> = {
    gdpr: page([1, 2], 'next'),
    'gdpr next': { ...page([3], null), data: [...page([3], null).data, { id: 'u-4' }] },
    cpra: page([5], null),
  };
  const askedFor = (query: URLSearchParams) =>
    [query.get('regulation'), query.get('$cursor')].filter((part) => part !== null).join(' ');

  it('are read page by page under each regulation of the integration', async () => {
    answer((query) => PAGES[askedFor(query)] ?? {});
    const batches = await all(source());
    expect(batches.map(({ records }) => records.map(told))).toEqual([
      [[['user1@example.com', NOW]], [['user2@example.com', NOW]]],
      [[['user3@example.com', NOW]], ['broken', 'data[1].updated_at is missing']],
      [[['user5@example.com', NOW]]],
    ]);
  });

  it('go on from any page', async () => {
    answer((query) => PAGES[askedFor(query)] ?? {});
    const batches = await all(source());
    for (const [index, { next }] of batches.entries()) {
      expect(await all(source(), JSON.parse(JSON.stringify(next)))).toEqual(batches.slice(index + 1));
    }
  });

  it('are not read for ever when Didomi answers the same cursor again', async () => {
    answer(() => page([1], 'next'));
    await expect(all(source())).rejects.toThrow(DidomiUnavailableError);
  });

  it('are read anew, once, when Didomi no longer knows the cursor', async () => {
    stub.handler = ({ url }) => {
      const asked = askedFor(new URL(url ?? '', stub.url).searchParams);
      return asked === 'gdpr old'
        ? didomiError(400, 'BadRequest', 'no such cursor')
        : { body: PAGES[asked] ?? {} };
    };
    const old = { regulation: 0, cursor: 'old', done: 200 };
    expect(await all(source(), old)).toEqual(await all(source()));
    stub.answer(didomiError(400, 'BadRequest', 'no'));
    await expect(all(source(), old)).rejects.toThrow(DidomiRefusedError);
  });

  it('end with what Didomi refuses, so that the caller can wait and go on', async () => {
    stub.answer(didomiError(429, 'TooManyRequests', 'slow down'));
    await expect(all(source())).rejects.toThrow(DidomiRateLimitedError);
  });
});

describe('a list of organization_user_ids', () => {
  async function source(text: string, rules: Rules = RULES): Promise<IdsSource> {
    const path = join(await folder(), 'ids.txt');
    await writeFile(path, text);
    return new IdsSource(path, api, rules, () => NOW);
  }

  const known = (query: URLSearchParams) => {
    const id = query.get('organization_user_id') ?? '';
    const isKnown = query.get('regulation') === 'gdpr' && id.startsWith('user');
    return { data: isKnown ? [userBody({ organization_user_id: id })] : [], cursor: null };
  };

  it('is read one by one; ids may begin with #, blank lines say nothing', async () => {
    answer(known);
    const [batch] = await all(await source('\ufeffuser1@example.com\r\n\n#7\n user2@example.com \n'));
    expect(batch?.records.map((one) => [one.line, told(one)])).toEqual([
      [1, [['user1@example.com', NOW]]],
      [3, ['ignored', 'unknown_to_didomi']],
      [4, [['user2@example.com', NOW]]],
    ]);
    expect(stub.requests.filter((one) => one.includes('%237'))).toHaveLength(2);
  });

  it('costs no calls for an id that no contact can have', async () => {
    answer(known);
    const [batch] = await all(await source('not an address', { ...RULES, identifier: 'email' }));
    expect(batch?.records.map(told)).toEqual([['ignored', 'unusable_identifier']]);
    expect(stub.requests).toEqual([]);
  });

  it('goes on where it was', async () => {
    answer(known);
    const ids = Array.from({ length: 150 }, (_, index) => `user${index}@example.com`);
    const whole = await all(await source(ids.join('\n')));
    expect(whole.flatMap(({ records }) => records)).toHaveLength(150);
    const rest = await all(await source(ids.join('\n')), whole[0]?.next);
    expect(rest.flatMap(({ records }) => records.map(told))).toEqual(
      whole.slice(1).flatMap(({ records }) => records.map(told)),
    );
  });

  it('is read to its end when Didomi has trouble with one person', async () => {
    stub.handler = ({ url }) => {
      const query = new URL(url ?? '', stub.url).searchParams;
      const id = query.get('organization_user_id');
      if (id === 'user2@example.com') return { body: { data: [{ id: 'u-2' }], cursor: null } };
      if (id === 'user3@example.com') return didomiError(400, 'BadRequest', 'no');
      return { body: known(query) };
    };
    const ids = [1, 2, 3, 4].map((id) => `user${id}@example.com`).join('\n');
    const [batch] = await all(await source(ids));
    expect(batch?.records.map(({ reading }) => reading.status)).toEqual(['read', 'broken', 'broken', 'read']);
    expect(JSON.stringify(batch?.records[1]?.reading)).not.toContain('@');
    expect(JSON.stringify(batch?.records[2]?.reading)).not.toContain('@');
  });

  it('is not read on when Didomi does not serve us', async () => {
    stub.answer(didomiError(403, 'Forbidden', 'no'));
    await expect(all(await source('user1@example.com\nuser2@example.com'))).rejects.toThrow(DidomiHeldError);
  });
});
