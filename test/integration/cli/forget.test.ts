import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Keys } from '../../../client/keys';
import { textOf } from '../../../resync/line-file';
import { someone } from '../support/harness';
import { commandLines, config, ID_KEY, sharedTemporal } from './support';

const commandLine = commandLines();

test('forget deletes what resyncs keep of a contact on this machine, says so once, and names nobody', async () => {
  const line = await commandLine(sharedTemporal());
  await line.write('consent-sync.json', config());
  const email = someone();
  const contactKey = new Keys(ID_KEY).contactKey({ kind: 'email', value: email });
  const guards = join(line.folder, 'data', 'resync', 'guards');
  await mkdir(guards, { recursive: true });
  const lines = [contactKey, 'another'].map((key) => textOf({ contactKey: key, id: 1, time: 1 }));
  await writeFile(join(guards, 'default.ndjson'), lines.join(''));

  const first = await line.run('forget', ` ${email.toUpperCase()}`, '--json');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(first.stdout)).toMatchObject({
    ok: true,
    held: true,
    integrations: [{ integration: 'default', runs: 0, failures: 0, left: 0, unwrittenWithdrawals: [] }],
    resyncs: { guards: 1, reportLines: 0, workLines: 0 },
    notDeleted: [],
  });
  expect(first.stdout.toLowerCase()).not.toContain(email);
  expect(await readFile(join(guards, 'default.ndjson'), 'utf8')).toBe(lines[1]);

  expect(await line.run('forget', email)).toMatchObject({
    code: 0,
    stdout: 'Nothing is held of this contact.\n',
  });
  expect(await line.run('forget', email, '--integration', 'nope')).toMatchObject({ code: 2, stdout: '' });
  expect(await line.run('forget', ' ')).toMatchObject({ code: 2, stdout: '' });
});
