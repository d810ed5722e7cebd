import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { findExport, NoExportError } from '../../../didomi/export/find-export';
import { temporaryFolders } from '../../support/temporary-folder';
import { writeDay } from './export-folder';

const folder = temporaryFolders();
const NOW = Date.parse('2026-06-01T12:00:00Z');
const PART = { 'part-1.json.gz': [] };

let root: string;
let exportFolder: string;
beforeEach(async () => {
  root = await folder();
  exportFolder = join(root, 'data', 'export-id=7');
});

const midnight = (day: string) => Date.parse(`${day}T00:00:00Z`);

async function find(...paths: string[]) {
  const { files, skipped } = await findExport(paths, { now: NOW });
  return {
    files: files.map(({ path, date }) => [relative(root, path), new Date(date).toISOString()]),
    skipped: skipped.map(({ path, reason }) => [relative(root, path), reason]),
  };
}

describe('the files of a batch export', () => {
  it.each([
    ['above it', ''],
    ['of the export', 'data/export-id=7'],
    ['of a day', 'data/export-id=7/date=2026-03-04'],
    ['of its users', 'data/export-id=7/date=2026-03-04/users'],
  ])('are found from the folder %s', async (_what, path) => {
    await writeDay(exportFolder, '2026-03-04', { 'b.json.gz': [], 'a.json.gz': [], 'unpacked.json': [] });
    const users = 'data/export-id=7/date=2026-03-04/users';
    expect(await find(join(root, path))).toEqual({
      files: ['a.json.gz', 'b.json.gz', 'unpacked.json'].map((name) => [
        `${users}/${name}`,
        '2026-03-05T00:00:00.000Z',
      ]),
      skipped: [],
    });
  });

  it('come in the order of days, and are known to hold to the end of the unbroken series of days', async () => {
    for (const day of ['2026-03-07', '2026-03-04', '2026-02-28', '2026-03-01', '2026-03-05']) {
      await writeDay(exportFolder, day, PART);
    }
    expect((await find(root)).files.map(([, date]) => date?.slice(0, 10))).toEqual([
      '2026-03-02',
      '2026-03-02',
      '2026-03-06',
      '2026-03-06',
      '2026-03-08',
    ]);
  });

  it('are never known to hold longer than until now', async () => {
    await writeDay(exportFolder, '2026-06-01', PART);
    expect((await find(root)).files.map(([, date]) => date)).toEqual([new Date(NOW).toISOString()]);
  });

  it.each(['_SUCCESS', 'users/_SUCCESS'])('count where %s stands', async (mark) => {
    await writeDay(exportFolder, '2026-03-04', PART, { mark });
    expect((await find(root)).files).toHaveLength(1);
  });

  it('are left out of a day that is not whole, which is told and ends the series', async () => {
    await writeDay(exportFolder, '2026-03-04', PART);
    const unfinished = await writeDay(exportFolder, '2026-03-05', PART);
    await rm(join(unfinished, 'users/_SUCCESS'));
    await writeDay(exportFolder, '2026-03-06', PART);
    const { files, skipped } = await find(root);
    expect(files.map(([, date]) => date?.slice(0, 10))).toEqual(['2026-03-05', '2026-03-07']);
    expect(skipped).toEqual([
      ['data/export-id=7/date=2026-03-05', 'there is no _SUCCESS in it: it is not whole yet'],
    ]);
  });

  it('are nothing else that lies there; what may have been meant is told', async () => {
    const day = await writeDay(exportFolder, '2026-03-04', PART);
    for (const name of ['.part-1.json.gz.crc', '_committed_1', 'part-2.csv']) {
      await writeFile(join(day, 'users', name), '');
    }
    await mkdir(join(exportFolder, 'date=2026-02-30'), { recursive: true });
    const { files, skipped } = await find(root);
    expect(files).toHaveLength(1);
    expect(skipped).toEqual([[expect.stringMatching(/part-2.csv$/), 'its name does not end in .json.gz']]);
  });

  it('are taken once, however often they are given', async () => {
    const day = await writeDay(exportFolder, '2026-03-04', PART);
    await symlink(exportFolder, join(root, 'again'));
    expect(
      (await find(root, day, join(day, 'users/part-1.json.gz'), join(root, 'again'))).files,
    ).toHaveLength(1);
  });

  it('of two exports make two series', async () => {
    await writeDay(exportFolder, '2026-03-04', PART);
    await writeDay(join(root, 'data', 'export-id=8'), '2026-03-05', PART);
    expect((await find(root)).files.map(([, date]) => date?.slice(0, 10))).toEqual([
      '2026-03-05',
      '2026-03-06',
    ]);
  });

  it('are not looked for in a folder without a day', async () => {
    await expect(findExport([root], { now: NOW })).rejects.toThrow(NoExportError);
    await expect(findExport([root], { now: NOW })).rejects.toThrow(/holds no folder date=YYYY-MM-DD/);
  });
});

describe('a file that is given by name', () => {
  it('is dated by its own date, unless the caller says better', async () => {
    const path = join(root, 'users.ndjson');
    await writeFile(path, '');
    const written = midnight('2026-05-05');
    await utimes(path, written / 1000, written / 1000);
    expect((await findExport([path], { now: NOW })).files).toEqual([{ path, date: written }]);
    const asOf = midnight('2026-04-04');
    expect((await findExport([path], { now: NOW, asOf })).files).toEqual([{ path, date: asOf }]);
    expect((await findExport([path], { now: midnight('2026-01-01') })).files).toEqual([
      { path, date: midnight('2026-01-01') },
    ]);
  });

  it("is dated by its day's folder, where it lies in one", async () => {
    const day = await writeDay(exportFolder, '2026-03-04', PART);
    const path = join(day, 'users', 'part-1.json.gz');
    const { files } = await findExport([path], { now: NOW, asOf: NOW });
    expect(files).toEqual([{ path, date: midnight('2026-03-05') }]);
  });
});
