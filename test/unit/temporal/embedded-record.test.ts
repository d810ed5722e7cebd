import { spawnSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { openDataDir } from '../../../temporal/data-dir';
import {
  readEmbeddedRecord,
  removeEmbeddedRecord,
  writeEmbeddedRecord,
} from '../../../temporal/embedded-record';
import { freePort } from '../../../temporal/ports';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();
let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

async function newDataDir() {
  return openDataDir({ CONSENT_SYNC_DATA: await newFolder() });
}

/** A record whose address answers, and whose process is this one. */
async function liveRecord() {
  const listening = createServer((socket) => socket.destroy());
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    uiUrl: 'http://127.0.0.1:8233',
    namespace: 'default',
    pid: process.pid,
  };
}

function endedPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

test('without a running start there is no embedded server', async () => {
  expect(await readEmbeddedRecord(await newDataDir())).toEqual({ state: 'absent' });
});

test('what start wrote is found by the other commands, and by nobody but its owner', async () => {
  const dir = await newDataDir();
  const record = await liveRecord();
  await writeEmbeddedRecord(dir, record);
  expect(await readEmbeddedRecord(dir)).toEqual({ state: 'running', record });
  expect((await stat(dir.embeddedFile)).mode & 0o777).toBe(0o600);
});

test('a new start replaces what a killed one left', async () => {
  const dir = await newDataDir();
  const record = await liveRecord();
  await writeEmbeddedRecord(dir, { ...record, pid: endedPid() });
  await writeEmbeddedRecord(dir, record);
  expect(await readEmbeddedRecord(dir)).toEqual({ state: 'running', record });
});

test.each([
  [
    'whose process has ended',
    async () => ({ ...(await liveRecord()), pid: endedPid() }),
    /process \d+ has ended/,
  ],
  [
    'whose process id belongs to another program now',
    async () => ({ ...(await liveRecord()), address: `127.0.0.1:${await freePort('127.0.0.1')}` }),
    /nothing answers at 127\.0\.0\.1:\d+/,
  ],
])('a record %s is stale, and the user is told what to do', async (_, record, why) => {
  const dir = await newDataDir();
  await writeEmbeddedRecord(dir, await record());
  const state = await readEmbeddedRecord(dir);
  expect(state.state).toBe('stale');
  expect(state).toHaveProperty('message', expect.stringMatching(why));
  expect(state).toHaveProperty('message', expect.stringContaining('consent-sync start'));
});

test.each([
  '',
  '{',
  'null',
  '{"address":7233,"pid":"1"}',
  '{"address":"x:1","uiUrl":"","namespace":"","pid":0}',
])('a damaged record (%j) is stale, not a crash', async (content) => {
  const dir = await newDataDir();
  await writeFile(dir.embeddedFile, content);
  expect(await readEmbeddedRecord(dir)).toMatchObject({
    state: 'stale',
    message: expect.stringContaining('damaged'),
  });
});

test('a process removes its own record and no other', async () => {
  const dir = await newDataDir();
  const record = await liveRecord();
  await removeEmbeddedRecord(dir, record.pid);
  await writeEmbeddedRecord(dir, record);
  await removeEmbeddedRecord(dir, record.pid + 1);
  expect(await readFile(dir.embeddedFile, 'utf8')).toContain(record.address);
  await removeEmbeddedRecord(dir, record.pid);
  expect(await readEmbeddedRecord(dir)).toEqual({ state: 'absent' });
});
