import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { forgetLeftovers } from '../../../resync/leftovers';

const DAY_MS = 86_400_000;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leftovers-'));
  for (const name of ['plan', 'nightly-03_00', 'reports']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'reader-name'), 'reader');
});
afterEach(() => rmSync(root, { recursive: true }));

it('keeps a plan for days, so that it can be carried out', async () => {
  await forgetLeftovers(root, [], Date.now() + 2 * DAY_MS);
  expect(existsSync(join(root, 'plan'))).toBe(true);
});

it('then deletes it, and keeps reports, the name of the reader and what belongs to a run that is paused', async () => {
  await forgetLeftovers(root, ['nightly-03:00'], Date.now() + 4 * DAY_MS);
  const kept = ['plan', 'nightly-03_00', 'reports', 'reader-name'].filter((name) =>
    existsSync(join(root, name)),
  );
  expect(kept).toEqual(['nightly-03_00', 'reports', 'reader-name']);
});
