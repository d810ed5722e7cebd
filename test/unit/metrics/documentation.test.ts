import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { metricsOf, withoutTemporal } from './support';

const TEXT = readFileSync(join(__dirname, '../../../docs/metrics.md'), 'utf8');

/** The rows of the table: `| name | kind | labels | … |`. */
const ROWS = [...TEXT.matchAll(/^\| `(consent_sync_\w+)` *\| (\w+) *\| ([^|]*)\|/gm)].map(
  ([, name, type, labels = '']) => ({
    name,
    type,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort(),
  }),
);

async function defined() {
  const metrics = withoutTemporal(await metricsOf('ingest', 'worker'));
  // The library's types leave out what its metrics have.
  const all = metrics.definitions() as object[] as { name: string; type: string; labelNames: string[] }[];
  return all.flatMap(({ name, type, labelNames }) => {
    return name.startsWith('consent_sync_') ? [{ name, type, labels: [...labelNames].sort() }] : [];
  });
}

const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) =>
  String(a.name).localeCompare(String(b.name));

test('docs/metrics.md has every metric with its kind and labels, and no others', async () => {
  expect(ROWS.length).toBeGreaterThan(20);
  expect(ROWS.sort(byName)).toEqual((await defined()).sort(byName));
});

test('no metric has a label that could hold who somebody is', async () => {
  const labels = new Set((await defined()).flatMap((one) => one.labels));
  expect([...labels].sort()).toEqual([
    'build',
    'choice',
    'count',
    'integration',
    'kind',
    'operation',
    'outcome',
    'queue',
    'reason',
    'result',
    'side',
    'stage',
    'status',
    'type',
    'version',
  ]);
});
