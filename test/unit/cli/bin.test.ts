import { execFile } from 'node:child_process';
import { copyFile, mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { temporaryFolders } from '../../support/temporary-folder';

const BIN = resolve(__dirname, '../../../bin/consent-sync.js');
const folder = temporaryFolders();

test('a checkout that is not compiled yet says how to compile it', async () => {
  const checkout = await folder();
  await mkdir(join(checkout, 'bin'));
  await copyFile(BIN, join(checkout, 'bin', 'consent-sync.js'));
  const run = promisify(execFile)(process.execPath, [join(checkout, 'bin', 'consent-sync.js'), '--help']);
  await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('npm run build') });
});

test('the command is a program that can be run as it is', async () => {
  const { mode } = await stat(BIN);
  expect(mode & 0o111).not.toBe(0);
});
