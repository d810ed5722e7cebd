import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BrevoAccounts } from '../../../brevo/accounts';
import { BrevoUnavailableError } from '../../../brevo/errors';
import type { Identifier } from '../../../consent/identifier';
import type { BrevoLine } from '../../../resync/brevo-line';
import { type LookUpsInput, type LookUpsPosition, lookUpContacts } from '../../../resync/brevo-look-ups';
import { BUCKETS, Buckets, bucketOf } from '../../../resync/buckets';
import { type Simulator, startSimulator } from '../../../simulator';
import { temporaryFolders } from '../../support/temporary-folder';
import { errorOf } from '../brevo/stub-brevo';
import { RULES } from './any-contact';

const KEY = 'xkeysib-look-ups';
const temporaryFolder = temporaryFolders();
let simulator: Simulator;
let accounts: BrevoAccounts;
let buckets: Buckets<BrevoLine>;

beforeEach(async () => {
  simulator = await startSimulator({ requestsPerSecond: 0, otherRequestsPerHour: 0 });
  accounts = new BrevoAccounts({ baseUrl: simulator.url, requestsPerSecond: 1_000 });
  buckets = new Buckets(await temporaryFolder());
});
afterEach(async () => {
  accounts.close();
  await simulator.close();
});

const userOf = (index: number): Identifier => ({ kind: 'ext_id', value: `user-${index}` });

function lookUp(identifiers: readonly Identifier[], input: Partial<LookUpsInput> = {}): Promise<void> {
  return lookUpContacts({
    account: accounts.of(KEY),
    rules: RULES,
    buckets,
    async *contactsIn(bucket) {
      for (const identifier of identifiers) if (bucketOf(identifier) === bucket) yield { identifier };
    },
    ...input,
  });
}

async function lines(): Promise<BrevoLine[]> {
  const found: BrevoLine[] = [];
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    for await (const line of buckets.read(bucket)) found.push(line);
  }
  return found;
}

const looks = () => simulator.calls().filter(({ route }) => route === '/contacts/{identifier}').length;

describe('looking contacts up one by one', () => {
  it('tells of each whether Brevo has it', async () => {
    simulator.seedContact({ ext_id: 'user-1', emailBlacklisted: true, attributes: { FIRSTNAME: 'Ada' } });
    await lookUp([userOf(1), userOf(2)]);
    const found = (await lines()).map(({ identifier, contact }) => [identifier.value, contact]);
    expect(found).toContainEqual(['user-2', null]);
    expect(found).toContainEqual([
      'user-1',
      { id: 1, emailBlacklisted: true, attributes: {}, createdAt: expect.any(Number) },
    ]);
  });

  it('goes on behind an identifier that Brevo cannot be asked for', async () => {
    await lookUp([{ kind: 'ext_id', value: '..' }, userOf(1)]);
    expect((await lines()).map(({ identifier }) => identifier)).toEqual([userOf(1)]);
  });

  it('goes on after a failure where it was, and looks at hardly anybody twice', async () => {
    const everyone = Array.from({ length: 300 }, (_, index) => userOf(index));
    let position: LookUpsPosition | undefined;
    const onCheckpoint = (reached: LookUpsPosition) => {
      position = JSON.parse(JSON.stringify(reached));
      if (looks() > 150) simulator.setFaults({ kind: 'status', status: 503 });
    };
    expect(await errorOf(lookUp(everyone, { onCheckpoint }))).toBeInstanceOf(BrevoUnavailableError);
    simulator.setFaults();
    await lookUp(everyone, { from: position });
    const found = (await lines()).map(({ identifier }) => identifier.value);
    expect(new Set(found).size).toBe(300);
    expect(found).toHaveLength(300);
    expect(looks()).toBeLessThan(300 + 64 + 8);
  });
});
