import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type FindBinaryOptions, findTemporalBinary } from '../../../temporal/binary';
import { TEMPORAL_CLI_VERSION } from '../../../temporal/binary-cache';
import { compiledCopy } from '../../support/compiled-copy';
import { runNode } from '../../support/node-process';
import { temporaryFolders } from '../../support/temporary-folder';

/** A stand-in that says what the real CLI says; the real one is tried in the integration tests. */
const WORKING_CLI = `#!/bin/sh
[ "$1" = --version ] && echo 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)'
exit 0
`;
const NOWHERE = 'http://127.0.0.1:4';
const SYSTEM_PATH = '/usr/bin:/bin';

const newFolder = temporaryFolders();
let site: Server | undefined;
afterEach(() => {
  site?.closeAllConnections();
  site?.close();
  site = undefined;
});

async function script(path: string, content: string): Promise<string> {
  await writeFile(path, content);
  await chmod(path, 0o755);
  return path;
}

/** A world of its own: PATH, cache, and what was said. */
async function world({
  downloadSite = NOWHERE,
  answerTimeoutMs = 5_000,
}: Pick<FindBinaryOptions, 'downloadSite' | 'answerTimeoutMs'> = {}) {
  const folder = await newFolder();
  const bin = join(folder, 'bin');
  const cacheDir = join(folder, 'cache');
  await mkdir(bin);
  const messages: string[] = [];
  const env = { PATH: `${bin}:${SYSTEM_PATH}`, HOME: folder };
  return {
    folder,
    bin,
    cacheDir,
    env,
    messages,
    cached: join(cacheDir, `temporal-${TEMPORAL_CLI_VERSION}`, 'temporal'),
    find: () => {
      const progress = (text: string) => messages.push(text);
      return findTemporalBinary({ progress, env, cacheDir, downloadSite, answerTimeoutMs });
    },
    /** A go that "builds" the stand-in and keeps count. */
    installGo: (before = '') =>
      script(
        join(bin, 'go'),
        `#!/bin/sh\necho "$@" >> '${folder}/go-calls'\n${before}\necho 'go: downloading example.com/module v1.0.0' >&2\ncat > "$GOBIN/temporal" <<'CLI'\n${WORKING_CLI}CLI\nchmod 755 "$GOBIN/temporal"\n`,
      ),
    async fillCache(content: string) {
      await mkdir(join(cacheDir, `temporal-${TEMPORAL_CLI_VERSION}`), { recursive: true });
      await script(join(cacheDir, `temporal-${TEMPORAL_CLI_VERSION}`, 'temporal'), content);
    },
  };
}

async function serve(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(answer);
  site = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('what is there already', () => {
  test('the temporal on PATH is used before anything else', async () => {
    const { bin, find, fillCache } = await world();
    const path = await script(join(bin, 'temporal'), WORKING_CLI);
    await fillCache(WORKING_CLI);
    expect(await find()).toEqual({ path, source: 'path', version: '1.5.1', server: '1.29.1' });
  });

  test.each([
    ['another program of that name', '#!/bin/sh\necho hello\n', 'does not say a version'],
    [
      'one that is too old',
      "#!/bin/sh\necho 'temporal version 0.10.7 (server 1.22.0) (ui 2.17.2)'\n",
      'its server is 1.22.0, and 1.29.0 or later is needed',
    ],
    ['one that does not run', '#!/bin/sh\necho broken >&2\nexit 3\n', 'it does not run: broken'],
    [
      'one without a development server',
      `#!/bin/sh\n[ "$1" = server ] && { echo 'unknown command "start-dev"' >&2; exit 1; }\necho 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)'\n`,
      'it cannot start a development server: unknown command',
    ],
  ])('%s on PATH is passed over, and the user is told why', async (_, content, why) => {
    const { bin, cached, find, fillCache, messages } = await world();
    await script(join(bin, 'temporal'), content);
    await fillCache(WORKING_CLI);
    expect(await find()).toMatchObject({ path: cached, source: 'cache' });
    expect(messages.join('\n')).toContain(why);
  });

  test('a cached binary is used without a word', async () => {
    const { cached, find, fillCache, messages } = await world();
    await fillCache(WORKING_CLI);
    expect(await find()).toEqual({ path: cached, source: 'cache', version: '1.5.1', server: '1.29.1' });
    expect(messages).toEqual([]);
  });

  test.each([
    ['cut short', '\x7fELF\x02\x01\x01'],
    ['empty', ''],
  ])('a cached binary that is %s is moved away and fetched again', async (_, content) => {
    const { cached, find, fillCache, installGo, messages } = await world();
    await fillCache(content);
    await installGo();
    expect(await find()).toMatchObject({ path: cached, source: 'go' });
    expect(await readFile(`${cached}.broken`, 'latin1')).toBe(content);
    expect(messages[0]).toContain('is broken');
    expect(await find()).toMatchObject({ source: 'cache' });
  });
});

describe('fetching', () => {
  test('a release is downloaded, unpacked, checked and kept', async () => {
    const archive = join(await newFolder(), 'cli.tar.gz');
    const content = await newFolder();
    await script(join(content, 'temporal'), WORKING_CLI);
    await writeFile(join(content, 'LICENSE'), 'MIT');
    execFileSync('tar', ['-czf', archive, '-C', content, 'LICENSE', 'temporal']);
    const asked: string[] = [];
    const downloadSite = await serve(async (request, response) => {
      asked.push(request.url ?? '');
      response.end(await readFile(archive));
    });
    const { cacheDir, cached, find } = await world({ downloadSite });

    expect(await find()).toEqual({ path: cached, source: 'download', version: '1.5.1', server: '1.29.1' });
    expect(asked).toEqual([
      expect.stringMatching(/^\/cli\/archive\/v1\.5\.1\?platform=(linux|darwin)&arch=(amd64|arm64)$/),
    ]);
    expect(await readdir(cacheDir)).toEqual(['temporal-1.5.1']);
    expect(await find()).toMatchObject({ source: 'cache' });
  });

  test('without a network it goes on to Go at once', async () => {
    const { cached, find, installGo, messages, folder } = await world();
    await installGo();
    const startedAt = Date.now();
    expect(await find()).toMatchObject({ path: cached, source: 'go' });
    expect(Date.now() - startedAt).toBeLessThan(4_000);
    expect(await readFile(join(folder, 'go-calls'), 'utf8')).toContain(
      'github.com/temporalio/cli/cmd/temporal@v1.5.1',
    );
    expect(messages.join('\n')).toContain('The download did not work: connect ECONNREFUSED');
    expect(messages.join('\n')).toContain('4 to 5 minutes');
  });

  test('a site that does not answer is waited for no longer than it may take', async () => {
    const downloadSite = await serve(() => {});
    const { find, installGo, messages } = await world({ downloadSite, answerTimeoutMs: 200 });
    await installGo();
    expect(await find()).toMatchObject({ source: 'go' });
    expect(messages.join('\n')).toContain('no answer within 0.2 s');
  });

  test('a page that is no archive is not kept', async () => {
    const downloadSite = await serve((_, response) => response.end('<html>please log in</html>'));
    const { cacheDir, find, installGo } = await world({ downloadSite });
    await installGo();
    expect(await find()).toMatchObject({ source: 'go' });
    expect(await readdir(cacheDir)).toEqual(['temporal-1.5.1']);
  });

  test('a download that is cut short is not kept', async () => {
    const downloadSite = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.destroy());
    });
    const { find, installGo } = await world({ downloadSite });
    await installGo();
    expect(await find()).toMatchObject({ source: 'go' });
  });

  test('when nothing works, the error lists what was tried and what to do', async () => {
    const { bin, cacheDir, find } = await world();
    await script(join(bin, 'go'), "#!/bin/sh\necho 'proxy: connection refused' >&2\nexit 1\n");
    const message = await find().then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).toMatch(/temporal on PATH: there is none/);
    expect(message).toMatch(/our cache .*nothing there/);
    expect(message).toMatch(/download: /);
    expect(message).toMatch(/go install: go install ended with exit code 1\nproxy: connection refused/);
    expect(message).toMatch(/Install the Temporal CLI .* or set TEMPORAL_ADDRESS/);
    expect(await readdir(cacheDir)).toEqual([]);
  });

  test('a cache folder that cannot be made is named, with what to do', async () => {
    const { folder, env } = await world();
    await writeFile(join(folder, 'file'), '');
    const cacheDir = join(folder, 'file', 'cache');
    await expect(
      findTemporalBinary({ progress: () => {}, env, cacheDir, downloadSite: NOWHERE }),
    ).rejects.toThrow(/cannot be kept in .*Set XDG_CACHE_HOME/);
  });
});

describe('several processes', () => {
  let copy: string;
  beforeAll(() => {
    copy = compiledCopy('temporal');
  });
  afterAll(() => rm(copy, { recursive: true, force: true }));

  const program = (cacheDir: string) => `
    const { findTemporalBinary } = require('./temporal/binary');
    const messages = [];
    const progress = (text) => {
      messages.push(text);
      if (text.includes('waiting for it')) require('node:fs').writeFileSync(process.env.HOME + '/waits', '');
    };
    const options = { progress, cacheDir: ${JSON.stringify(cacheDir)}, downloadSite: '${NOWHERE}' };
    const found = await findTemporalBinary(options);
    console.log(JSON.stringify({ ...found, messages }));`;

  test('two that ask at once fetch it once: the second waits, and says so', async () => {
    const { cacheDir, cached, env, fillCache, folder, installGo } = await world();
    await fillCache('broken');
    await installGo(`until [ -e '${folder}/waits' ]; do sleep 0.1; done`);
    const both = [runNode(copy, program(cacheDir), env), runNode(copy, program(cacheDir), env)];
    const found = await Promise.all(both.map(async (one) => JSON.parse(await one.output)));

    expect(found.map(({ path }) => path)).toEqual([cached, cached]);
    expect(found.map(({ source }) => source).sort()).toEqual(['cache', 'go']);
    const waited = found.find(({ source }) => source === 'cache');
    expect(waited.messages).toContain('Another process is fetching the Temporal CLI: waiting for it');
    expect((await readFile(join(folder, 'go-calls'), 'utf8')).trim().split('\n')).toHaveLength(1);
    expect(await readdir(cacheDir)).toEqual(['temporal-1.5.1']);
    expect(existsSync(`${cached}.broken`)).toBe(true);
  });

  test('what a killed fetch left behind is cleared away, and its build ends with it', async () => {
    const { cacheDir, env, folder, installGo } = await world();
    await installGo(`echo $$ > '${folder}/go-pid'; sleep 60`);
    const first = runNode(copy, program(cacheDir), env);
    const pid = await poll(() =>
      readFile(join(folder, 'go-pid'), 'utf8').then(
        (text) => Number(text) || undefined,
        () => undefined,
      ),
    );
    first.child.kill('SIGKILL');
    await poll(async () => (isAlive(pid) ? undefined : true));

    await installGo();
    // The lock of a process that lives no more is free after a while; here it is taken away to save that time.
    await rm(join(cacheDir, 'temporal-1.5.1.lock'), { recursive: true, force: true });
    const second = JSON.parse(await runNode(copy, program(cacheDir), env).output);
    expect(second).toMatchObject({ source: 'go' });
    expect(await readdir(cacheDir)).toEqual(['temporal-1.5.1']);
  });
});

async function poll<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
