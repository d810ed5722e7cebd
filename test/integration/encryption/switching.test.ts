import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Payload } from '@temporalio/common';
import { ConsentSyncClient } from '../../../client';
import { decodedMessage, decodedValue } from '../../../client/decoding';
import { ResyncSchedules } from '../../../client/resync-schedules';
import { temporalClient } from '../../../client/temporal-client';
import { type Config, type EncryptionSettings, loadConfig } from '../../../config';
import { SUBMIT_AND_WAIT_UPDATE } from '../../../workflows/contract';
import { PROGRESS_QUERY } from '../../../workflows/resync/contract';
import { temporaryFolders } from '../../support/temporary-folder';
import { until } from '../../support/until';
import { bundleWorkflows } from '../../support/workflow-bundle';
import { keys } from '../../unit/encryption/keys';
import { outcomeOf, storyOf, workflowOf } from '../support/asking';
import { eventCreated, type Harness, ID_KEY, inSeconds, someone, startHarness } from '../support/harness';
import { HOLDS, people, Run, startResyncHarness, writeExport } from '../support/resync-runs';

jest.setTimeout(180_000);

const folder = temporaryFolders();
let bundle: string;
beforeAll(async () => {
  bundle = await bundleWorkflows({ encrypting: true });
});

let harness: Harness;
afterEach(() => harness.close());

/** As it stands in a file. */
function setting({ keys: given, acceptUnencrypted }: EncryptionSettings) {
  return { keys: given.map(({ id, key }) => ({ id, key })), accept_unencrypted: acceptUnencrypted };
}

/** What the harness starts with, and these keys. */
function configOf(encryption: EncryptionSettings): Config {
  return loadConfig({ object: { ...harness.settings, encryption: setting(encryption) } });
}

/** Through the connection of the harness, as a process with these keys. */
function clientOf(config: Config): ConsentSyncClient {
  return new ConsentSyncClient(config, ID_KEY, harness.temporal);
}

/** Why the first workflow task that failed did. */
async function failedTask(workflowId: string, config: Config): Promise<string | undefined> {
  const temporal = temporalClient(config, { connection: harness.temporal.connection });
  const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
  const [failure] = (events ?? []).flatMap((one) => one.workflowTaskFailedEventAttributes?.failure ?? []);
  return failure && decodedMessage(temporal, failure, workflowId);
}

const blacklisted = (email: string) => harness.simulator.contact({ email })?.emailBlacklisted;

describe('switching encryption on while contacts are open', () => {
  it('holds them up until what is not encrypted is accepted; then they go on', async () => {
    harness = await startHarness();
    const email = someone();
    expect(await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-30) }))).toBe('created');
    const { workflowId } = await workflowOf(harness, email);
    await harness.stopWorker();

    const strict = configOf(keys('now'));
    const stopStrict = await harness.addWorker({ bundle, config: strict });
    await clientOf(strict).submit(eventCreated(email, false));
    await until('the worker refuses it', async () => (await failedTask(workflowId, strict)) !== undefined);
    expect(await failedTask(workflowId, strict)).toContain('encryption.accept_unencrypted');
    expect(blacklisted(email)).toBe(false);
    // Who looks at the contact is not sent for a worker: there is one.
    await until('that it stands still is told', async () =>
      /stood still .* log of the workers/.test(String((await clientOf(strict).status(email))[0]?.incomplete)),
    );
    await stopStrict();

    const accepting = configOf({ ...keys('now'), acceptUnencrypted: true });
    const stop = await harness.addWorker({ bundle, config: accepting });
    await until('the opt-out is in Brevo', () => blacklisted(email) === true, 60_000);
    const [story] = await clientOf(accepting).status(email);
    expect(story).toMatchObject({ outcome: 'updated', open: true });
    await stop();
  });
});

describe('changing the key while contacts are open', () => {
  it('goes on with what the old one encrypted, and tells who has only that what is missing', async () => {
    const first = keys('now');
    harness = await startHarness({ settings: { encryption: setting(first) }, build: { bundle } });
    const email = someone();
    expect(await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-30) }))).toBe('created');
    await harness.stopWorker();

    const both = configOf(keys('next', 'now'));
    const stop = await harness.addWorker({ bundle, config: both });
    // A process that is not changed yet: it encrypts with the old key.
    await harness.client.submit(eventCreated(email, false, { at: inSeconds(-5) }));
    await until('the opt-out is in Brevo', () => blacklisted(email) === true);
    const connection = { connection: harness.temporal.connection };
    const story = await new ConsentSyncClient(both, ID_KEY, temporalClient(both, connection)).status(email);
    expect(story).toMatchObject([{ outcome: 'updated' }]);
    const { incomplete } = await storyOf(harness, email);
    expect(incomplete).toContain('encrypted with the key "next"');
    await stop();
  });
});

describe('a client that was made elsewhere', () => {
  it('writes nothing in clear through the SDK', async () => {
    harness = await startHarness({ settings: { encryption: setting(keys('now')) }, build: { bundle } });
    const given = temporalClient({}, { connection: harness.temporal.connection });
    const client = new ConsentSyncClient(harness.config, ID_KEY, given);
    const email = someone();
    const [result] = await client.submitAndWait(eventCreated(email, true));
    expect(result).toMatchObject({ outcome: 'created' });
    const { workflowId } = await workflowOf(harness, email);
    const history = await given.workflow.getHandle(workflowId).fetchHistory();
    expect(JSON.stringify(history)).toContain('encryption-key-id');
    expect(JSON.stringify(history, asText)).not.toContain(email);
  });
});

describe('what Temporal holds of a contact', () => {
  it('cannot be made that of another one', async () => {
    harness = await startHarness({ settings: { encryption: setting(keys('now')) }, build: { bundle } });
    const [ana, bob] = [someone(), someone()];
    await outcomeOf(harness, eventCreated(ana, true, { at: inSeconds(-30) }));
    await outcomeOf(harness, eventCreated(bob, false, { at: inSeconds(-60) }));
    const [ofAna, ofBob] = [await workflowOf(harness, ana), await workflowOf(harness, bob)];
    const payloads = payloadsIn(await ofAna.fetchHistory());
    expect(payloads.length).toBeGreaterThan(5);
    for (const payload of payloads) {
      await decodedValue(harness.temporal, payload, ofAna.workflowId);
      const copied = decodedValue(harness.temporal, payload, ofBob.workflowId);
      await expect(copied).rejects.toThrow('for another contact');
    }
  });
});

describe('a resync with encryption', () => {
  it('leaves nothing readable on disk, and carries its plan out', async () => {
    harness = await startResyncHarness({ settings: { encryption: setting(keys('now')) }, build: { bundle } });
    const told = [
      ...people(8, { enabled: false, before: HOLDS.optIn }),
      ...people(4, { enabled: true, before: HOLDS.optIn }),
    ];
    const [root, source] = [await folder(), await folder()];
    await writeExport(harness, source, told);
    const plan = await Run.start(harness, root, source, { planOnly: true });
    expect(await plan.end()).toMatchObject({ state: 'completed', counts: { differing: 8 } });
    const files = await readdir(join(root, plan.run), { recursive: true, withFileTypes: true });
    const contents = await Promise.all(
      files.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name), 'latin1')),
    );
    expect(contents.length).toBeGreaterThan(8);
    for (const { email } of told) expect(contents.some((text) => text.includes(email))).toBe(false);

    const run = await Run.start(harness, root, undefined, { planOf: plan.run });
    expect(await run.end()).toMatchObject({ state: 'completed', counts: { done: 8 } });
    for (const { email } of told.slice(0, 8)) expect(blacklisted(email)).toBe(true);
    expect(await run.leftOnDisk()).toEqual([]);
  });

  it('is begun by a schedule, which names it anew', async () => {
    harness = await startResyncHarness({ settings: { encryption: setting(keys('now')) }, build: { bundle } });
    const [integration = ''] = harness.config.integrations.keys();
    const schedules = new ResyncSchedules(harness.temporal, harness.config.temporal.taskQueue);
    const source = { kind: 'files', paths: ['/nowhere'] } as const;
    const id = await schedules.create({ integration, source, planOnly: true }, { hour: 3, minute: 0 });
    const handle = harness.temporal.schedule.getHandle(id);
    const mine = async () => (await schedules.list()).find((one) => one.integration === integration);
    await until('it is listed', async () => (await mine()) !== undefined);
    expect(await mine()).toMatchObject({ planOnly: true });
    await handle.trigger();
    const started = async () => (await handle.describe()).info.recentActions[0]?.action.workflow.workflowId;
    await until('it has begun a run', async () => (await started()) !== undefined);
    const run = harness.temporal.workflow.getHandle((await started()) ?? '');
    expect(await run.query(PROGRESS_QUERY)).toMatchObject({ integration, planOnly: true, state: 'running' });
    await run.terminate();
    await schedules.delete(integration);
  });
});

it('an update that is refused says in clear why, to who has the key', async () => {
  harness = await startHarness({ settings: { encryption: setting(keys('now')) }, build: { bundle } });
  const email = someone();
  await outcomeOf(harness, eventCreated(email, true));
  const handle = await workflowOf(harness, email);
  const refused = handle.executeUpdate(`${SUBMIT_AND_WAIT_UPDATE}s`).catch((error: Error) => error.cause);
  expect(await refused).toMatchObject({ message: expect.stringContaining('submitAndWaits') });
});

/** All payloads in a part of a history. */
function payloadsIn(part: unknown): Payload[] {
  if (typeof part !== 'object' || part === null) return [];
  if ('metadata' in part && 'data' in part) {
    const { encoding } = (part as Payload).metadata ?? {};
    return Buffer.from(encoding ?? []).toString() === 'binary/encrypted' ? [part as Payload] : [];
  }
  return Object.values(part).flatMap(payloadsIn);
}

function asText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
}
