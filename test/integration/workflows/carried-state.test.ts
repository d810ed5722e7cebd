import { afterEach, describe, expect, it } from '@jest/globals';
import { CONSENT_SYNC_WORKFLOW, type ConsentSyncInput } from '../../../workflows/contract';
import { inputOf, readFixtures, savedVersions, workflowIdOf } from '../../replay/fixtures';
import { outcomeOf, storyOf } from '../support/asking';
import { eventCreated, type Harness, inSeconds, startHarness } from '../support/harness';

/** What contacts of each saved version had been continued as new with. */
const carriedOver = savedVersions().flatMap((version) =>
  readFixtures(version).flatMap(({ name, history }) => {
    const input = inputOf(history) as ConsentSyncInput;
    return input.carried ? [{ version, name, input, workflowId: workflowIdOf(history) }] : [];
  }),
);

/** However long ago it was saved, the contact is remembered still. */
function asOfNow({ carried, ...input }: ConsentSyncInput): ConsentSyncInput {
  return { ...input, ...(carried && { carried: { ...carried, lastEventAt: Date.now() } }) };
}

let harness: Harness;
afterEach(() => harness.close());

describe('a contact that an earlier version continued as new', () => {
  it.each(carriedOver)('goes on with what it knew: $version, $name', async ({ name, input, workflowId }) => {
    const taskQueue = `carried-${name}`;
    harness = await startHarness({ taskQueue });
    const { simulator, temporal } = harness;
    const email = input.identifier.value;
    simulator.seedContact({ email });
    const known = input.carried?.events.length ?? 0;
    await temporal.workflow.start(CONSENT_SYNC_WORKFLOW, { workflowId, taskQueue, args: [asOfNow(input)] });

    await outcomeOf(harness, eventCreated(email, true, { at: inSeconds(-40) }));
    expect(await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-30) }))).toBe('updated');
    expect(simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
    expect(await outcomeOf(harness, eventCreated(email, true, { at: '2020-01-01T00:00:00Z' }))).toBe('stale');
    const { events } = await storyOf(harness, email);
    expect(events.length).toBe(Math.min(known + 3, 50));
    await temporal.workflow.getHandle(workflowId).terminate('the test is over');
  });
});
