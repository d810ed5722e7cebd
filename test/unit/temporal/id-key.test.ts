import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { openDataDir } from '../../../temporal/data-dir';
import { idKey } from '../../../temporal/id-key';
import { compiledCopy } from '../../support/compiled-copy';
import { runNode } from '../../support/node-process';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();

async function newDataDir() {
  return openDataDir({ CONSENT_SYNC_DATA: await newFolder() });
}

test('a key is made the first time, is the same ever after, and is for its owner only', async () => {
  const dir = await newDataDir();
  const key = await idKey(dir);
  expect(Buffer.from(key, 'base64url')).toHaveLength(32);
  expect(await idKey(dir)).toBe(key);
  expect((await stat(dir.idKeyFile)).mode & 0o777).toBe(0o600);
  expect(await readdir(dir.path)).toEqual(['id-key']);
});

test('two installations have different keys', async () => {
  expect(await idKey(await newDataDir())).not.toBe(await idKey(await newDataDir()));
});

test('several that ask at once in one process agree on one key', async () => {
  const dir = await newDataDir();
  const keys = await Promise.all(Array.from({ length: 20 }, () => idKey(dir)));
  expect(new Set(keys).size).toBe(1);
});

test('several processes that ask at once agree on one key', async () => {
  const copy = compiledCopy('temporal');
  const dir = await newDataDir();
  const program = `
    const { dataDir } = require('./temporal/data-dir');
    const { idKey } = require('./temporal/id-key');
    while (Date.now() < ${Date.now() + 1_500});
    console.log(await idKey(dataDir(process.env)));`;
  const env = { ...process.env, CONSENT_SYNC_DATA: dir.path };
  const keys = await Promise.all(Array.from({ length: 3 }, () => runNode(copy, program, env).output));
  await rm(copy, { recursive: true, force: true });
  expect(new Set(keys)).toEqual(new Set([await idKey(dir)]));
});

test('a damaged key file is an error and is left as it is', async () => {
  const dir = await newDataDir();
  await writeFile(dir.idKeyFile, 'half a ke');
  await expect(idKey(dir)).rejects.toThrow(/id-key is damaged\. Put back a copy/);
  expect(await readFile(dir.idKeyFile, 'utf8')).toBe('half a ke');
});
