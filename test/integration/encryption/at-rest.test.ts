import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ContactFinder } from '../../../client/contact-finder';
import { decodedMessage } from '../../../client/decoding';
import { findTemporalBinary } from '../../../temporal/binary';
import { type DevServer, startDevServer } from '../../../temporal/dev-server';
import { SEARCH_ATTRIBUTES } from '../../../temporal/search-attributes';
import { temporaryFolders } from '../../support/temporary-folder';
import { until } from '../../support/until';
import { bundleWorkflows } from '../../support/workflow-bundle';
import { keys } from '../../unit/encryption/keys';
import { outcomeOf, storyOf, workflowOf } from '../support/asking';
import { type Harness, startHarness } from '../support/harness';

// Two servers of its own, on a machine that is busy with other tests.
jest.setTimeout(180_000);

const makeFolder = temporaryFolders();
let bundle: string;
beforeAll(async () => {
  bundle = await bundleWorkflows({ encrypting: true });
});

let server: DevServer | undefined;
let harness: Harness | undefined;
afterEach(async () => {
  await harness?.close();
  await server?.stop();
});

/** Each found nowhere else. */
function marked(name: string): string {
  return `${name}-${randomUUID()}`;
}

const PATH = 'consents_purposes_newsletter_values_often_value';
const MARKS = {
  email: `${marked('ana')}@example.com`,
  heldEmail: `${marked('held')}@example.com`,
  value: marked('value'),
  didomiUser: marked('user'),
  metadata: marked('metadata'),
};

function event(email: string, enabled: boolean) {
  const at = new Date().toISOString();
  const often = { value: MARKS.value };
  return {
    type: 'event.created',
    regulation: 'gdpr',
    parameters: {
      entity: {
        id: randomUUID(),
        created_at: at,
        updated_at: at,
        status: 'confirmed',
        metadata: { note: MARKS.metadata },
        user: { id: MARKS.didomiUser, organization_user_id: email },
        consents: { purposes: [{ id: 'newsletter', enabled, values: { often } }] },
      },
    },
  };
}

async function start(folder: string, encryption: object | undefined): Promise<Harness> {
  const { path: binary } = await findTemporalBinary({ progress: () => undefined });
  server = await startDevServer({
    binary,
    dbFile: join(folder, 'temporal.db'),
    searchAttributes: SEARCH_ATTRIBUTES,
  });
  harness = await startHarness({
    address: server.address,
    integration: {
      config: {
        api_key: 'xkeysib-test',
        properties: [
          { id: 'FREQUENCY_TEXT', value: PATH },
          { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: 'consents_purposes_newsletter_enabled' },
        ],
      },
    },
    ...(encryption && { settings: { encryption }, build: { bundle } }),
  });
  return harness;
}

/** What everything leaves in Temporal: an update, a signal, a query, a failing activity. @returns why it fails */
async function leaveTraces(harness: Harness): Promise<string> {
  expect(await outcomeOf(harness, event(MARKS.email, true))).toBe('created');
  const [stored] = await harness.client.submit(event(MARKS.email, false));
  await until('the opt-out is in Brevo', () => harness.simulator.contacts()[0]?.emailBlacklisted === true);
  const story = await storyOf(harness, MARKS.email);
  expect(story.inForce).toContainEqual(expect.objectContaining({ value: MARKS.value }));
  const finder = new ContactFinder(harness.temporal, (call) => call());
  const sought = { integration: 'default', eventKey: stored?.eventId ?? '' };
  expect(await finder.find([sought])).toEqual([[{ kind: 'email', value: MARKS.email }]]);

  harness.simulator.setFaults({ kind: 'status', status: 402 });
  expect(await outcomeOf(harness, event(MARKS.heldEmail, false))).toBe('held');
  const { workflowId } = await workflowOf(harness, MARKS.heldEmail);
  let reason: string | undefined;
  await until('the activity that waits has failed', async () => {
    const { raw } = await harness.temporal.workflow.getHandle(workflowId).describe();
    const failure = raw.pendingActivities?.find(({ lastFailure }) => lastFailure)?.lastFailure;
    reason = failure ? await decodedMessage(harness.temporal, failure, workflowId) : undefined;
    return reason !== undefined;
  });
  return reason ?? '';
}

/** Which of the texts stand in any file of the database. */
async function readable(folder: string, texts: Readonly<Record<string, string>>): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.startsWith('temporal.db'));
  const contents = await Promise.all(files.map((name) => readFile(join(folder, name))));
  const found = Object.entries(texts).filter(([, text]) => contents.some((bytes) => bytes.includes(text)));
  return found.map(([name]) => name);
}

describe("Temporal's database", () => {
  it('shows identifiers, values and reasons where nothing is encrypted, and never what is not needed', async () => {
    const folder = await makeFolder();
    const harness = await start(folder, undefined);
    const reason = await leaveTraces(harness);
    expect(await readable(folder, { ...MARKS, reason })).toEqual([
      'email',
      'heldEmail',
      'value',
      'didomiUser',
      'reason',
    ]);
  });

  it('shows none of it with encryption, while the server runs and when it has stopped', async () => {
    const folder = await makeFolder();
    const { keys: given } = keys('now');
    const harness = await start(folder, { keys: given.map(({ id, key }) => ({ id, key })) });
    const reason = await leaveTraces(harness);
    expect(reason).toContain('402');
    const texts = { ...MARKS, reason, path: PATH };
    expect(await readable(folder, texts)).toEqual([]);
    await harness.stopWorker();
    await server?.stop();
    expect(await readable(folder, texts)).toEqual([]);
    // What was looked for is there, encrypted.
    expect(await readable(folder, { encrypted: 'binary/encrypted', failure: 'Encoded failure' })).toEqual([
      'encrypted',
      'failure',
    ]);
  });
});
