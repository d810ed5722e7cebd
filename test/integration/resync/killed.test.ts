import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SimCall } from '../../../simulator';
import type { ResyncProgress } from '../../../workflows/resync/contract';
import { until } from '../../support/until';
import type { Harness, HarnessOptions } from '../support/harness';
import {
  HOLDS,
  people,
  Run,
  type RunOptions,
  readerProcess,
  startResyncHarness,
  type Told,
  writeExport,
  writes,
} from '../support/resync-runs';

/** Of Temporal: so long after its last heartbeat a step is given to the next reader. */
const HEARTBEAT_TIMEOUT_MS = 30_000;

interface Scenario {
  readonly told: readonly Told[];
  /** Contacts of the account that the export does not tell of. */
  readonly others?: number;
  readonly harness?: HarnessOptions;
  readonly run?: RunOptions;
  /** Resolves when the reader is to be killed. */
  readonly killing: (harness: Harness, run: Run) => Promise<void>;
  readonly afterKill?: (run: Run) => Promise<void>;
}

interface Survived {
  readonly harness: Harness;
  readonly progress: ResyncProgress;
  /** Calls before the kill. */
  readonly callsBefore: readonly SimCall[];
  readonly calls: readonly SimCall[];
}

/** What it came to, however often it is asked for. */
function onlyOnce<T>(act: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= act();
    return result;
  };
}

const children: ChildProcess[] = [];
const folders: string[] = [];
const harnesses: Harness[] = [];

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'consent-sync-test-'));
  folders.push(made);
  return made;
}

/** Kills the reader of a run, and starts another one on the same disk. */
async function survive(scenario: Scenario): Promise<Survived> {
  const harness = await startResyncHarness(scenario.harness);
  harnesses.push(harness);
  const [root, source] = [await folder(), await folder()];
  await writeExport(harness, source, scenario.told);
  for (const { email } of people(scenario.others ?? 0, { enabled: true }))
    harness.simulator.seedContact({ email });
  const run = await Run.start(harness, root, source, { ...scenario.run, withoutReader: true });
  const child = readerProcess(harness, root, run.queue);
  children.push(child);
  await scenario.killing(harness, run);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const callsBefore = harness.simulator.calls();
  await scenario.afterKill?.(run);
  await run.startReader();
  const progress = await run.end();
  return { harness, progress, callsBefore, calls: harness.simulator.calls() };
}

const CONTACTS_READ = 15_000;
const WITHDRAWALS = 700;
const KILLED_AT = 300;
const PAGES_OF = 4_500;

const reading: Scenario = {
  told: people(CONTACTS_READ, { enabled: false }),
  harness: { integration: { upsert_mode: false } },
  async killing(_, { root, run }) {
    const position = join(root, run, 'read.json');
    await until(
      'a part is read',
      () => existsSync(position) && readFileSync(position, 'utf8').includes('"next"'),
      90_000,
    );
  },
};

const comparing: Scenario = {
  told: people(20, { enabled: false, before: HOLDS.optIn }),
  others: PAGES_OF,
  async killing({ simulator }) {
    simulator.addFaults({ kind: 'latency', ms: 300, match: { route: 'getContacts' } });
    let pages = 0;
    simulator.onCall(({ operation }, moment) => {
      if (moment === 'before' && operation === 'getContacts') pages += 1;
    });
    await until('some pages are read', () => pages >= 4, 90_000);
  },
};

const submitting: Scenario = {
  told: people(WITHDRAWALS, { enabled: false, before: HOLDS.optIn }),
  async killing(harness) {
    await until('some are written', () => writes(harness).length >= KILLED_AT, 200_000);
  },
};

const pausedMeanwhile: Scenario = {
  ...submitting,
  told: people(60, { enabled: false, before: HOLDS.optIn }),
  run: { rate: 10 },
  async killing(harness) {
    await until('some are written', () => writes(harness).length >= 5, 90_000);
  },
  async afterKill(run) {
    await run.command('pause');
    await run.untilIdle(3 * HEARTBEAT_TIMEOUT_MS);
    expect(await run.status()).toMatchObject({ state: 'paused' });
    await run.setRate(null);
    await run.command('resume');
  },
};

describe('a resync whose reader is killed', () => {
  const survivals = {
    reading: onlyOnce(() => survive(reading)),
    comparing: onlyOnce(() => survive(comparing)),
    submitting: onlyOnce(() => survive(submitting)),
    pausedMeanwhile: onlyOnce(() => survive(pausedMeanwhile)),
  };

  // All at once: most of the time Temporal waits for heartbeats.
  beforeAll(async () => {
    await Promise.allSettled(Object.values(survivals).map((start) => start()));
  }, 480_000);

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const harness of harnesses) await harness.close();
    for (const made of folders) await rm(made, { recursive: true, force: true });
  });

  function expectAllWithdrawn({ harness }: Survived, { told }: Scenario): void {
    for (const { email } of told) expect(harness.simulator.contact({ email })).toMatchObject(HOLDS.optOut);
  }

  it('while it reads, counts every line once', async () => {
    expect((await survivals.reading()).progress).toMatchObject({
      state: 'completed',
      counts: { read: CONTACTS_READ, broken: 0, compared: CONTACTS_READ, skipped: CONTACTS_READ },
    });
  });

  it('while it compares, asks Brevo for no page again but the one that it was at', async () => {
    const { progress, calls } = await survivals.comparing();
    expect(progress).toMatchObject({
      state: 'completed',
      counts: { compared: 20, submitted: 20, done: 20 },
    });
    // How many there are, five pages, and one that was asked for in vain. Contacts that are read again by their ids,
    // because the reader was away for long, are no page.
    const listings = calls.filter(({ operation, query }) => operation === 'getContacts' && !query.ids);
    expect(listings.length).toBeLessThanOrEqual(7);
    expectAllWithdrawn(await survivals.comparing(), comparing);
  });

  it('while it submits, counts every contact once, and costs few calls more', async () => {
    const { progress, calls, callsBefore } = await survivals.submitting();
    expect(progress).toMatchObject({
      state: 'completed',
      counts: { differing: WITHDRAWALS, submitted: WITHDRAWALS, done: WITHDRAWALS, held: 0 },
    });
    expect(callsBefore.length).toBeLessThan(WITHDRAWALS);
    expect(calls.length).toBeLessThanOrEqual(1.1 * WITHDRAWALS + 5);
    expectAllWithdrawn(await survivals.submitting(), submitting);
  });

  it('and that is paused then, is paused, and goes on', async () => {
    expect((await survivals.pausedMeanwhile()).progress).toMatchObject({
      state: 'completed',
      counts: { submitted: 60, done: 60 },
    });
    expectAllWithdrawn(await survivals.pausedMeanwhile(), pausedMeanwhile);
  });
});
