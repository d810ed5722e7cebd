import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CHANGE } from '../../support/builds/guarded-change';
import { type History, runsOf } from '../../support/runs';
import { until } from '../../support/until';
import { bundleWorkflows } from '../../support/workflow-bundle';
import { outcomeOf, workflowOf } from '../support/asking';
import { makeCurrent, ramp, untilPolled } from '../support/deployment';
import {
  eventCreated,
  type Harness,
  inSeconds,
  someone,
  startHarness,
  type WorkerBuild,
} from '../support/harness';
import { Load } from '../support/load';

const PEOPLE = 20;

/** The workflows' queue, for workflow tasks and for activities, and the one of the integration's Brevo account. */
const QUEUES = 3;

/** Temporal's numbers for why a workflow task failed. */
const NON_DETERMINISTIC = 24;
/** A signal came in while the task was completed: ordinary, and done again at once. */
const UNHANDLED_COMMAND = 1;

/** How the workflow code of tomorrow runs beside the one of today. */
let nextBuild: string;
beforeAll(async () => {
  nextBuild = await bundleWorkflows({ change: 'guarded-change' });
});

let harness: Harness;
let load: Load | undefined;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await load?.end();
  load = undefined;
  for (const stop of stops.splice(0)) await stop();
  await harness.close();
});

async function addWorker(build: WorkerBuild): Promise<() => Promise<void>> {
  const stop = await harness.addWorker(build);
  stops.push(stop);
  return async () => {
    stops.splice(stops.indexOf(stop), 1);
    await stop();
  };
}

function versions() {
  const deploymentName = `consent-sync-${randomUUID()}`;
  return [
    { deploymentName, buildId: '1' },
    { deploymentName, buildId: '2' },
  ] as const;
}

async function runsOfEverybody(people: readonly string[]): Promise<History[]> {
  const runs = people.map(async (person) =>
    runsOf(harness.temporal, (await workflowOf(harness, person)).workflowId),
  );
  return (await Promise.all(runs)).flat();
}

/** Causes of failed workflow tasks. */
function failuresIn({ events }: History): number[] {
  return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    failed && failed.cause !== UNHANDLED_COMMAND ? [failed.cause ?? 0] : [],
  );
}

/** Build ids of the workers that carried the run out, in their order. */
function buildsIn({ events }: History): string {
  const builds = (events ?? []).flatMap(
    ({ workflowTaskCompletedEventAttributes: done }) => done?.deploymentVersion?.buildId ?? [],
  );
  return builds.filter((build, index) => build !== builds[index - 1]).join();
}

/** The run has gone through the changed code. */
function isChanged({ events }: History): boolean {
  return (events ?? []).some(({ markerRecordedEventAttributes: marker }) =>
    Object.values(marker?.details ?? {}).some(({ payloads }) =>
      payloads?.some(({ data }) => Buffer.from(data ?? '').includes(CHANGE)),
    ),
  );
}

describe('a new version of the worker', () => {
  it('takes over under load, by Worker Versioning, and nothing is lost', async () => {
    const [now, next] = versions();
    harness = await startHarness({ build: { version: now } });
    await untilPolled(harness.temporal, now, QUEUES);
    await makeCurrent(harness.temporal, now);
    load = new Load(harness, PEOPLE);
    await load.untilWaves(3);

    await addWorker({ bundle: nextBuild, version: next });
    await untilPolled(harness.temporal, next, QUEUES);
    await ramp(harness.temporal, next, 50);
    await load.untilWaves(3);
    await makeCurrent(harness.temporal, next);
    await load.untilWaves(2);
    await harness.stopWorker();
    await load.untilWaves(2);
    await load.end();

    await load.expectNothingLost();
    const runs = await runsOfEverybody(load.people);
    expect(runs.flatMap(failuresIn)).toEqual([]);
    // Each has been begun by the old version and goes on in the new one, most of them in the middle of a run.
    expect(runs.filter((run) => buildsIn(run) === '1,2' && isChanged(run)).length).toBeGreaterThan(
      PEOPLE / 4,
    );
    expect(runs.map(buildsIn)).not.toContain('2,1');
  }, 90_000);

  it('takes over a contact that is held', async () => {
    const [now, next] = versions();
    harness = await startHarness({ build: { version: now } });
    await untilPolled(harness.temporal, now, QUEUES);
    await makeCurrent(harness.temporal, now);
    const email = someone();
    harness.simulator.setFaults({ kind: 'status', status: 401 });
    expect(await outcomeOf(harness, eventCreated(email, false))).toBe('held');

    await addWorker({ bundle: nextBuild, version: next });
    await untilPolled(harness.temporal, next, QUEUES);
    await makeCurrent(harness.temporal, next);
    await harness.stopWorker();
    harness.simulator.setFaults();

    await until('the opt-out is written', () => harness.simulator.contact({ email }) !== undefined, 60_000);
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
    const [run] = await runsOfEverybody([email]);
    expect(run && { builds: buildsIn(run), failures: failuresIn(run) }).toEqual({
      builds: '1,2',
      failures: [],
    });
  }, 90_000);

  it('takes over under load without Worker Versioning, started after the old one has stopped', async () => {
    harness = await startHarness();
    load = new Load(harness, PEOPLE);
    await load.untilWaves(3);
    await harness.stopWorker();
    await addWorker({ bundle: nextBuild });
    await load.untilWaves(3);
    await load.end();

    await load.expectNothingLost();
    const runs = await runsOfEverybody(load.people);
    expect(runs.flatMap(failuresIn)).toEqual([]);
    expect(runs.filter(isChanged).length).toBeGreaterThan(PEOPLE / 2);
  }, 90_000);
});

describe('an old worker that gets a contact of a new one', () => {
  it('writes nothing, and the contact goes on as soon as a new worker is there', async () => {
    harness = await startHarness({ workflowWorker: { stickyQueueScheduleToStartTimeout: '1 second' } });
    await harness.stopWorker();
    const email = someone();
    const stopNext = await addWorker({ bundle: nextBuild });
    expect(await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-20) }))).toBe('created');
    await stopNext();

    await harness.startWorker();
    await harness.client.submit(eventCreated(email, false, { at: inSeconds(-10) }));
    const failures = async () => (await runsOfEverybody([email])).flatMap(failuresIn);
    await until('the old worker gives up', async () => (await failures()).length > 0);
    expect(await failures()).toEqual([NON_DETERMINISTIC]);
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: false });

    await harness.stopWorker();
    await addWorker({ bundle: nextBuild });
    await until(
      'the opt-out is written',
      () => harness.simulator.contact({ email })?.emailBlacklisted === true,
    );
  }, 90_000);
});
