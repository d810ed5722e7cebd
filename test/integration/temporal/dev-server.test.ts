import { chmod, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, type Connection } from '@temporalio/client';
import { findTemporalBinary } from '../../../temporal/binary';
import { type DevServer, type DevServerOptions, startDevServer } from '../../../temporal/dev-server';
import { connectToLoopback } from '../../../temporal/loopback-connection';
import { freePort, isPortFree } from '../../../temporal/ports';
import { missingSearchAttributes, SEARCH_ATTRIBUTES } from '../../../temporal/search-attributes';
import { compiledCopy } from '../../support/compiled-copy';
import { runNode } from '../../support/node-process';
import { temporaryFolders } from '../../support/temporary-folder';
import { until } from '../../support/until';

const newFolder = temporaryFolders();
let binary: string;
let copy: string;
beforeAll(async () => {
  binary = (await findTemporalBinary({ progress: () => {} })).path;
  copy = compiledCopy('temporal');
});
afterAll(() => rm(copy, { recursive: true, force: true }));

const running: DevServer[] = [];
const connections: Connection[] = [];
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
  for (const server of running.splice(0)) await server.stop();
});

async function start(options: Partial<DevServerOptions> = {}): Promise<DevServer> {
  const server = await startDevServer({ binary, searchAttributes: SEARCH_ATTRIBUTES, ...options });
  running.push(server);
  return server;
}

async function connect(server: DevServer): Promise<Connection> {
  const connection = await connectToLoopback(server.address, 10_000);
  connections.push(connection);
  return connection;
}

/** Workers are not needed: a workflow that nobody carries out is stored all the same. */
async function startWorkflow(
  connection: Connection,
  workflowId: string,
  namespace = 'default',
): Promise<void> {
  await new Client({ connection, namespace }).workflow.start('aWorkflow', {
    workflowId,
    taskQueue: 'nobody',
    searchAttributes: {
      ConsentSyncIntegration: ['default'],
      ConsentSyncOutcome: ['created'],
      ConsentEventIds: ['one', 'two'],
    },
  });
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no failure',
    (error: Error) => error.message,
  );
}

describe('a server that has started', () => {
  test('serves, knows the search attributes, and shows its UI', async () => {
    const server = await start();
    const connection = await connect(server);
    expect(await missingSearchAttributes(connection, 'default')).toEqual({});
    await startWorkflow(connection, 'a-workflow');
    expect((await fetch(server.uiUrl)).status).toBe(200);
    await until('the workflow is found by its search attribute', async () => {
      const { count } = await new Client({ connection }).workflow.count("ConsentEventIds = 'two'");
      return count === 1;
    });
  });

  test('gives urgent tasks out first, and lets nobody crowd out the others', async () => {
    const connection = await connect(await start());
    const { workflow } = new Client({ connection });
    const startWith = (workflowId: string, priorityKey: number, fairnessKey: string) =>
      workflow.start('aWorkflow', {
        workflowId,
        taskQueue: 'a-queue',
        priority: { priorityKey, fairnessKey },
      });
    for (const id of ['bulk-1', 'bulk-2', 'bulk-3', 'bulk-4']) await startWith(id, 3, 'bulk');
    await startWith('other-1', 3, 'other');
    await startWith('urgent-1', 1, 'bulk');

    const poll = () =>
      connection.workflowService.pollWorkflowTaskQueue({
        namespace: 'default',
        taskQueue: { name: 'a-queue' },
        identity: 'test',
      });
    const order: string[] = [];
    while (order.length < 6) {
      const { workflowExecution } = await connection.withDeadline(Date.now() + 30_000, poll);
      if (workflowExecution?.workflowId) order.push(workflowExecution.workflowId);
    }
    expect(order[0]).toBe('urgent-1');
    expect(order.indexOf('other-1')).toBeLessThan(order.indexOf('bulk-3'));
  });

  test('has the namespace that was asked for', async () => {
    const server = await start({ namespace: 'ours' });
    expect(server.namespace).toBe('ours');
    const connection = await connect(server);
    expect(await missingSearchAttributes(connection, 'ours')).toEqual({});
    await startWorkflow(connection, 'a-workflow', 'ours');
  });

  test('listens on the ports that were asked for', async () => {
    const [port, uiPort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
    const server = await start({ port, uiPort });
    expect(server.address).toBe(`127.0.0.1:${port}`);
    expect(server.uiUrl).toBe(`http://127.0.0.1:${uiPort}`);
  });

  test('ends when it is stopped, and says that this was expected', async () => {
    const server = await start();
    await server.stop();
    await server.stop();
    expect(await server.exited).toMatchObject({ expected: true });
    expect(await isPortFree('127.0.0.1', Number(server.address.split(':')[1]))).toBe(true);
  });

  test('that ends by itself is reported as unexpected', async () => {
    const server = await start();
    process.kill(server.pid, 'SIGKILL');
    expect(await server.exited).toEqual({
      expected: false,
      message: expect.stringMatching(/ended unexpectedly: ended by SIGKILL/),
    });
  });
});

describe('its life and that of its parent', () => {
  const program = (andThen: string) => `
    const { startDevServer } = require('./temporal/dev-server');
    const server = await startDevServer({ binary: ${JSON.stringify(binary)}, searchAttributes: {} });
    console.log(JSON.stringify({ pid: server.pid, port: Number(server.address.split(':')[1]) }));
    ${andThen}`;

  const gone = async (port: number) => isPortFree('127.0.0.1', port);

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'a parent ended by %s takes it along',
    async (signal) => {
      const parent = runNode(copy, program('setInterval(() => {}, 1000);'));
      const { port } = JSON.parse(await parent.firstLine);
      expect(await gone(port)).toBe(false);
      parent.child.kill(signal);
      await until('the server has gone', () => gone(port));
    },
  );

  test('it does not keep a parent alive that has nothing left to do, and goes with it', async () => {
    const parent = runNode(copy, program(''));
    const { port } = JSON.parse(await parent.firstLine);
    await parent.output;
    await until('the server has gone', () => gone(port));
  });

  test("Ctrl-C reaches a terminal's whole process group, but not the server", async () => {
    const parent = runNode(
      copy,
      program("process.on('SIGINT', () => console.log('draining')); setInterval(() => {}, 1000);"),
    );
    const { pid, port } = JSON.parse(await parent.firstLine);
    const group = await groupOf(pid);
    expect(group).not.toBe(await groupOf(parent.child.pid ?? 0));
    expect(group).not.toBe(await groupOf(process.pid));
    parent.child.kill('SIGINT');
    expect(await gone(port)).toBe(false);
    parent.child.kill('SIGKILL');
    await until('the server has gone', () => gone(port));
  });
});

describe('the database file', () => {
  test('keeps workflows over a restart, and is for its owner only', async () => {
    const dbFile = join(await newFolder(), 'temporal.db');
    const first = await start({ dbFile });
    await startWorkflow(await connect(first), 'kept');
    await first.stop();
    expect((await stat(dbFile)).mode & 0o777).toBe(0o600);

    const second = await start({ dbFile });
    const description = await new Client({ connection: await connect(second) }).workflow
      .getHandle('kept')
      .describe();
    expect(description.status.name).toBe('RUNNING');
  });

  test('keeps what was acknowledged before the server was killed', async () => {
    const dbFile = join(await newFolder(), 'temporal.db');
    const first = await start({ dbFile });
    const connection = await connect(first);
    for (const id of ['one', 'two', 'three']) await startWorkflow(connection, id);
    process.kill(first.pid, 'SIGKILL');
    await first.exited;

    const client = new Client({ connection: await connect(await start({ dbFile })) });
    for (const id of ['one', 'two', 'three']) {
      expect((await client.workflow.getHandle(id).describe()).status.name).toBe('RUNNING');
    }
  });

  test('of an older version gets the search attributes that it lacks', async () => {
    const dbFile = join(await newFolder(), 'temporal.db');
    const { ConsentEventIds, ...older } = SEARCH_ATTRIBUTES;
    const first = await start({ dbFile, searchAttributes: older });
    expect(await missingSearchAttributes(await connect(first), 'default')).toEqual({ ConsentEventIds });
    await first.stop();

    const connection = await connect(await start({ dbFile }));
    expect(await missingSearchAttributes(connection, 'default')).toEqual({});
    await startWorkflow(connection, 'with-all-attributes');
  });

  test('with an attribute of another type is an error that names it', async () => {
    const dbFile = join(await newFolder(), 'temporal.db');
    await (await start({ dbFile, searchAttributes: { ConsentEventIds: 'Keyword' } })).stop();
    expect(await failure(start({ dbFile }))).toMatch(
      /ConsentEventIds .* is of type Keyword, and KeywordList is needed/,
    );
  });

  test('that another server uses is an error that says so, and that server goes on', async () => {
    const dbFile = join(await newFolder(), 'temporal.db');
    const first = await start({ dbFile });
    const log: string[] = [];
    expect(await failure(start({ dbFile, log: (line) => log.push(line) }))).toMatch(
      /temporal\.db is in use by another Temporal server\. Stop .*CONSENT_SYNC_DATA/,
    );
    expect(log.join('\n')).toMatch(/waiting a moment for it to end/);
    await startWorkflow(await connect(first), 'still-served');
  });

  test('whose server is just ending is waited for', async () => {
    const dbFile = join(await newFolder(), 'temporal.db');
    const first = await start({ dbFile });
    await startWorkflow(await connect(first), 'kept');
    const [second] = await Promise.all([start({ dbFile }), first.stop()]);
    expect(
      (await new Client({ connection: await connect(second) }).workflow.getHandle('kept').describe()).status
        .name,
    ).toBe('RUNNING');
  });

  test('that was never finished is made anew', async () => {
    const folder = await newFolder();
    const dbFile = join(folder, 'temporal.db');
    await writeFile(dbFile, '');
    await writeFile(`${dbFile}.unfinished`, '');
    await startWorkflow(await connect(await start({ dbFile })), 'a-workflow');
    expect(await readdir(folder)).not.toContain('temporal.db.unfinished');
  });

  test('that is damaged is an error that says so, and is left as it is', async () => {
    const dbFile = join(await newFolder(), 'temporal.db');
    await writeFile(dbFile, 'this is no database, but somebody may want it back');
    expect(await failure(start({ dbFile }))).toMatch(/temporal\.db is damaged\. Put back a copy/);
    expect((await stat(dbFile)).size).toBe(50);
  });

  const asRoot = process.getuid?.() === 0;
  (asRoot ? test.skip : test)('that cannot be written is an error that says so', async () => {
    const folder = await newFolder();
    await chmod(folder, 0o500);
    expect(await failure(start({ dbFile: join(folder, 'temporal.db') }))).toMatch(
      /cannot be written.*CONSENT_SYNC_DATA/,
    );
  });

  test('in a folder that does not exist is an error that says so', async () => {
    const dbFile = join(await newFolder(), 'missing', 'temporal.db');
    expect(await failure(start({ dbFile }))).toMatch(/temporal\.db cannot be written: ENOENT/);
  });

  test('is not fought over by two that start at once: one serves, the other says why it cannot', async () => {
    const dbFile = join(await newFolder(), 'temporal.db');
    const program = `
      const { startDevServer } = require('./temporal/dev-server');
      const options = { binary: ${JSON.stringify(binary)}, dbFile: ${JSON.stringify(dbFile)}, searchAttributes: {} };
      const server = await startDevServer(options).catch((error) => error);
      console.log(server instanceof Error ? server.message : 'serving');
      if (!(server instanceof Error)) setInterval(() => {}, 1000);`;
    const both = [runNode(copy, program), runNode(copy, program)];
    const said = await Promise.all(both.map(({ firstLine }) => firstLine));
    for (const { child } of both) child.kill('SIGKILL');
    expect(said.filter((line) => line === 'serving')).toHaveLength(1);
    expect(said.filter((line) => line.includes('in use by another Temporal server'))).toHaveLength(1);
  });
});

describe('when it cannot start', () => {
  test.each(['port', 'uiPort'] as const)('a given %s that is taken is named', async (which) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      expect(await failure(start({ [which]: port }))).toMatch(
        new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: another program uses this port`),
      );
    } finally {
      other.close();
    }
  });

  test('the error holds its last words', async () => {
    const stub = join(await newFolder(), 'temporal');
    await writeFile(stub, '#!/bin/sh\necho "no luck today" >&2\nexit 1\n', { mode: 0o755 });
    expect(await failure(start({ binary: stub }))).toMatch(
      /did not start: exit code 1\.\nIt said:\nno luck today/,
    );
  });
});

async function groupOf(pid: number): Promise<string> {
  const { execFileSync } = await import('node:child_process');
  return execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }).trim();
}
