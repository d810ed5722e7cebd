import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporalBinary } from '../../temporal/binary';
import { type DevServer, startDevServer } from '../../temporal/dev-server';
import { SEARCH_ATTRIBUTES } from '../../temporal/search-attributes';
import { bundleWorkflows } from '../support/workflow-bundle';

declare global {
  /** The dev server of this test run; undefined when the tests use one that was running before. */
  var testTemporal: DevServer | undefined;
}

/**
 * Starts one Temporal dev server for all integration tests; they find it in TEST_TEMPORAL_ADDRESS. When that variable
 * is set already, the tests use the server that it names (prepared with `consent-sync setup`).
 */
export default async function prepare(): Promise<void> {
  process.env.TEST_WORKFLOW_BUNDLE = await bundle();
  await startTemporal();
}

async function startTemporal(): Promise<void> {
  if (process.env.TEST_TEMPORAL_ADDRESS) return;
  const progress = (message: string) => process.stderr.write(`${message}\n`);
  const { path } = await findTemporalBinary({ progress });
  const server = await startDevServer({
    binary: path,
    searchAttributes: SEARCH_ATTRIBUTES,
    // Low, so that ordinary tests continue as new too.
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 150 },
  });
  globalThis.testTemporal = server;
  process.env.TEST_TEMPORAL_ADDRESS = server.address;
  progress(`\nTemporal for the tests: ${server.address}, with its UI at ${server.uiUrl}`);
}

/** Writes the workflow code where all tests find it. */
async function bundle(): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'consent-sync-test-')), 'workflow-bundle.js');
  await writeFile(file, await bundleWorkflows());
  return file;
}
