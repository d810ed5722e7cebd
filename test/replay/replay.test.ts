import { beforeAll, describe, expect, it } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { version } from '../../package.json';
import { outcomeSinks } from '../../worker/outcomes';
import { historyFromJson } from '../support/history-json';
import { bundleWorkflows } from '../support/workflow-bundle';
import { type Fixture, readFixtures, savedVersions, workflowIdOf } from './fixtures';
import { SCENARIOS } from './scenarios';

const ACTIVITY_SCHEDULED = 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED';

/** Why the workflow code cannot go through the histories again, by their names. */
async function failuresOf(code: string, fixtures: readonly Fixture[]): Promise<Record<string, string>> {
  const histories = fixtures.map(({ history }) => ({
    workflowId: workflowIdOf(history),
    history: historyFromJson(history),
  }));
  const names = fixtures.map(({ name }) => name);
  const failures: Record<string, string> = {};
  const replays = Worker.runReplayHistories({ workflowBundle: { code }, sinks: outcomeSinks() }, histories);
  for await (const { error } of replays) {
    const name = names.shift() ?? '';
    if (error) failures[name] = error.message;
  }
  expect(names).toEqual([]);
  return failures;
}

beforeAll(() => {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
  });
});

describe('open contacts of an earlier version', () => {
  let code: string;
  beforeAll(async () => {
    code = await bundleWorkflows();
  });

  it.each(savedVersions())('go on in this one: %s', async (saved) => {
    expect(await failuresOf(code, readFixtures(saved))).toEqual({});
  });

  it('will be known in the next one: every scenario is saved for this version', () => {
    const saved = readFixtures(version).map(({ name }) => name);
    const unsaved = SCENARIOS.filter((scenario) => !saved.some((name) => name.startsWith(scenario.name)));
    expect(unsaved.map(({ name }) => name)).toEqual([]);
  });
});

describe('a change of what a workflow does before it calls Brevo', () => {
  it('is found by each saved history in which Brevo is called', async () => {
    const fixtures = readFixtures(version);
    const calling = fixtures.filter(({ history }) =>
      history.events.some(({ eventType }) => eventType === ACTIVITY_SCHEDULED),
    );
    const failures = await failuresOf(await bundleWorkflows({ change: 'unguarded-change' }), fixtures);
    expect(Object.keys(failures)).toEqual(calling.map(({ name }) => name));
    for (const reason of Object.values(failures)) expect(reason).toContain('Nondeterminism');
    expect(calling.length).toBeGreaterThanOrEqual(SCENARIOS.length);
  });

  it('is harmless where a patch guards it', async () => {
    const code = await bundleWorkflows({ change: 'guarded-change' });
    expect(await failuresOf(code, readFixtures(version))).toEqual({});
  });
});
