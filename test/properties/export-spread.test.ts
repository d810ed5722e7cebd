import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findExport } from '../../didomi/export/find-export';
import type { Gathered } from '../../didomi/gathered';
import { Buckets } from '../../resync/buckets';
import { gather } from '../../resync/gather';
import { ExportSource } from '../../resync/sources/export-source';
import { neverEnding } from '../support/never-ending';
import { SEED } from '../support/seed';
import { NOW, rulesFor } from '../unit/didomi/rules';
import { writeDay } from '../unit/didomi-export/export-folder';
import { mergedIn } from '../unit/resync/merged-in';

const RULES = rulesFor(['consents_purposes_newsletter_enabled', 'consents_purposes_profiling_enabled'], {
  regulations: ['gdpr', 'cpra'],
});

const anyTime = fc.integer({ min: 1, max: 20 }).map((minute) => `2026-03-04T09:${10 + minute}:00Z`);
const anyConsents = fc.record({
  purposes: fc.uniqueArray(
    fc.record({ id: fc.constantFrom('newsletter', 'profiling'), enabled: fc.boolean() }),
    { selector: ({ id }) => id, maxLength: 2 },
  ),
});
/** Few people, of which some have several Didomi users, or are spelled in several ways. */
const anyName = fc.constantFrom('ana@example.com', 'Ana@example.com', 'bob', 'eve');
const anyLine = fc.record({
  user: fc.record({
    id: fc.constantFrom('u1', 'u2', 'u3'),
    organization_user_id: anyName,
    updated_at: anyTime,
    regulation: fc.constantFrom('gdpr', null, 'cpra'),
    consents: anyConsents,
  }),
  events: fc.array(
    fc.record({
      id: fc.constantFrom('e1', 'e2', 'e3'),
      created_at: anyTime,
      updated_at: anyTime,
      status: fc.constantFrom('confirmed', 'confirmed', 'pending_approval'),
      consents: anyConsents,
    }),
    { maxLength: 3 },
  ),
});

const DAYS = ['2026-04-01', '2026-04-02', '2026-04-03'] as const;

/** Where a line lies: a day and a file, among the others of that file by `rank`. */
const anyPlace = fc.record({
  day: fc.constantFrom(...DAYS),
  name: fc.constantFrom('a.json.gz', 'b.json.gz'),
  rank: fc.nat(),
});

const anyExport = fc.array(anyLine, { minLength: 1, maxLength: 12 }).chain((lines) => {
  const anySpread = fc.tuple(
    fc.tuple(...lines.map(() => anyPlace)),
    fc.array(fc.tuple(fc.nat({ max: lines.length - 1 }), anyPlace), { maxLength: 4 }),
  );
  return fc.record({ lines: fc.constant(lines), one: anySpread, other: anySpread });
});
type Case = typeof anyExport extends fc.Arbitrary<infer T> ? T : never;

async function contactsOf(lines: Case['lines'], [places, doubles]: Case['one']) {
  const folder = await mkdtemp(join(tmpdir(), 'consent-sync-test-'));
  try {
    const placed = [...places.entries(), ...doubles].map(([index, place]) => ({
      ...place,
      line: lines[index],
    }));
    for (const day of DAYS) {
      const files: Record<string, unknown[]> = {};
      for (const { name, line } of placed.filter((one) => one.day === day).sort((a, b) => a.rank - b.rank)) {
        files[name] = [...(files[name] ?? []), line];
      }
      await writeDay(join(folder, 'export-id=1'), day, files);
    }
    const buckets = new Buckets<Gathered>(join(folder, 'buckets'));
    const { files } = await findExport([folder], { now: NOW });
    const counts = await gather({
      source: new ExportSource(files, RULES, NOW),
      buckets,
      brokenFile: join(folder, 'broken.ndjson'),
      onCheckpoint: () => {},
      signals: neverEnding(),
    });
    expect(counts.broken).toBe(0);
    return await mergedIn(buckets);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it('ends in the same contacts however lines are spread over days, files and places, with doubles', async () => {
  await fc.assert(
    fc.asyncProperty(anyExport, async ({ lines, one, other }) => {
      expect(await contactsOf(lines, one)).toEqual(await contactsOf(lines, other));
    }),
    { seed: SEED, numRuns: Number(process.env.PROPERTY_CASES ?? 30) },
  );
});
