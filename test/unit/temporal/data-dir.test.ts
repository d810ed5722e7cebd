import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { dataDir, openDataDir } from '../../../temporal/data-dir';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();

test('the data folder is .consent-sync in the current folder unless CONSENT_SYNC_DATA names another', async () => {
  expect(dataDir({}).path).toBe(resolve('.consent-sync'));
  expect(dataDir({ CONSENT_SYNC_DATA: '' }).path).toBe(resolve('.consent-sync'));
  expect(dataDir({ CONSENT_SYNC_DATA: '/srv/consent' })).toEqual({
    path: '/srv/consent',
    dbFile: '/srv/consent/temporal.db',
    embeddedFile: '/srv/consent/embedded.json',
    idKeyFile: '/srv/consent/id-key',
  });
});

test('a new data folder is open to its owner only', async () => {
  const path = join(await newFolder(), 'a', 'b');
  await openDataDir({ CONSENT_SYNC_DATA: path });
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test('a data folder that is there keeps the rights that it was given', async () => {
  const path = join(await newFolder(), 'given');
  await mkdir(path);
  await chmod(path, 0o750);
  await openDataDir({ CONSENT_SYNC_DATA: path });
  expect((await stat(path)).mode & 0o777).toBe(0o750);
});

test('a file in its place is an error that says what to do', async () => {
  const path = join(await newFolder(), 'file');
  await writeFile(path, '');
  await expect(openDataDir({ CONSENT_SYNC_DATA: path })).rejects.toThrow(
    /file cannot be used.*CONSENT_SYNC_DATA/,
  );
});
