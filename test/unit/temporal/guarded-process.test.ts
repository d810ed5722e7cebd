import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { spawnGuarded } from '../../../temporal/guarded-process';
import { compiledCopy } from '../../support/compiled-copy';
import { runNode } from '../../support/node-process';
import { temporaryFolders } from '../../support/temporary-folder';
import { until } from '../../support/until';

const newFolder = temporaryFolders();
const copy = compiledCopy('temporal');
afterAll(() => rm(copy, { recursive: true, force: true }));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const program = (andThen: string) => `
  const { spawnGuarded } = require('./temporal/guarded-process');
  const child = spawnGuarded('sleep', ['300'], { env: process.env });
  child.unref();
  console.log(child.pid);
  ${andThen}`;

test.concurrent.each([
  ['is killed', 'await new Promise((resolve) => setTimeout(resolve, 60_000));', 'SIGKILL'],
  ['is ended by a signal', 'await new Promise((resolve) => setTimeout(resolve, 60_000));', 'SIGTERM'],
  ['exits', 'process.exit(0);', undefined],
  ['has nothing left to do', '', undefined],
] as const)('a guarded process ends when its parent %s', async (_, andThen, signal) => {
  const parent = runNode(copy, program(andThen));
  const pid = Number(await parent.firstLine);
  if (signal !== undefined) {
    expect(isAlive(pid)).toBe(true);
    parent.child.kill(signal);
  }
  await until('the guarded process has ended', () => !isAlive(pid));
});

test('one that ignores the request to end is killed', async () => {
  const child = spawnGuarded('/bin/sh', ['-c', "trap '' TERM; echo ready; while :; do sleep 1; done"], {
    env: process.env,
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await child.stop(200);
  expect(await child.ended).toEqual({ code: null, signal: 'SIGKILL' });
});

test('its exit code and output come through, and its files are its own when asked for', async () => {
  const file = join(await newFolder(), 'file');
  const child = spawnGuarded('/bin/sh', ['-c', `echo said; echo text > '${file}'; exit 7`], {
    env: process.env,
    umask: '077',
  });
  const said = new Promise((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
  expect(await child.ended).toEqual({ code: 7, signal: null });
  expect(await said).toBe('said\n');
  expect(await readFile(file, 'utf8')).toBe('text\n');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await child.stop();
});

test('a command that does not exist ends at once with an exit code', async () => {
  const child = spawnGuarded('/no/such/command', [], { env: process.env });
  expect(await child.ended).toMatchObject({ code: 127 });
});
