import { version } from '../../package.json';
import prepare from '../integration/global-setup';
import stopTemporal from '../integration/global-teardown';
import { startDidomiHarness } from '../integration/support/didomi';
import { historyToJson } from '../support/history-json';
import { runsOf } from '../support/runs';
import { anonymous, assertAnonymous } from './anonymous';
import { savedVersions, saveFixtures } from './fixtures';
import { SCENARIOS, type Scenario } from './scenarios';

const USAGE = 'Usage: npm run fixtures:record [-- --again]';

/** Scenarios that are played at once: most of them wait most of the time. */
const AT_ONCE = 5;

/** Plays every scenario through the workflow as it is now, and saves the histories as those of this version. */
export async function main(args: readonly string[]): Promise<void> {
  const again = args.includes('--again');
  try {
    if (args.some((arg) => arg !== '--again')) throw new Error(USAGE);
    if (!again && savedVersions().includes(version)) {
      throw new Error(
        `Histories of ${version} are saved already. They may be replaced, with --again, until ${version} is released.`,
      );
    }
    if (process.env.TEST_TEMPORAL_ADDRESS)
      throw new Error('Unset TEST_TEMPORAL_ADDRESS: the recorder needs an empty server.');
    saveFixtures(version, await record());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function record(): Promise<Map<string, string>> {
  const saved = new Map<string, string>();
  await prepare();
  try {
    const waiting = [...SCENARIOS];
    const playNext = async () => {
      for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) {
        const histories = await play(scenario).catch((error) => {
          waiting.length = 0;
          throw error;
        });
        for (const [name, json] of histories) {
          saved.set(name, json);
          console.log(`${name}: ${json.match(/"eventId"/g)?.length} events`);
        }
      }
    };
    // Those that are under way end before the server does.
    const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, playNext));
    const failed = ended.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    await stopTemporal();
  }
  return new Map([...saved].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The histories that the scenario leaves, as JSON by name. */
async function play({ name, setting, play }: Scenario): Promise<Map<string, string>> {
  const harness = await startDidomiHarness({ ...setting, taskQueue: name });
  try {
    const person = `${name}@example.com`;
    await play(harness, person);
    const saved = new Map<string, string>();
    const stories = await harness.client.status(person);
    for (const { integration, workflowId } of stories) {
      const runs = await runsOf(harness.temporal, workflowId);
      for (const [index, run] of runs.entries()) {
        const suffix = `${stories.length > 1 ? `-${integration}` : ''}${runs.length > 1 ? `-${index + 1}` : ''}`;
        const json = `${JSON.stringify(anonymous(historyToJson(run)), null, 1)}\n`;
        assertAnonymous(name, json);
        saved.set(`${name}${suffix}`, json);
      }
    }
    return saved;
  } catch (error) {
    throw new Error(
      `The scenario "${name}" did not go as told: ${error instanceof Error ? error.message : error}`,
    );
  } finally {
    await harness.close();
  }
}
