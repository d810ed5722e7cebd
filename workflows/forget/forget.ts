import { continueAsNew, proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { ForgetActivities, ForgetInput } from './contract';

/** Longer than a resync takes that had read of the contact before, and than a plan waits to be carried out. */
const KNOWN_FOR = '30 days';

const { askToEnd, awaitEnd, eraseContact } = proxyActivities<ForgetActivities>({
  startToCloseTimeout: '5 minutes',
  // A contact may owe Brevo something for days: each attempt is one look at Temporal.
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 minutes' },
});

/**
 * Has one contact forgotten: waits until its workflow has ended, which writes to Brevo first what it owes, and deletes
 * all of its runs. Stays open for a while after that, under a name that holds the contact key alone: whoever submits
 * what a resync had read before sees it, and leaves the contact out. What counts is when its latest run began, so that
 * a new one begins when the contact's workflow has ended.
 */
export async function forget({ integration, contactKey, wish }: ForgetInput): Promise<void> {
  const contact = { integration, contactKey };
  if (wish) {
    setCurrentDetails(
      'Waits until the workflow of the contact has written what it owes Brevo, and has ended.',
    );
    const chain = await askToEnd({ ...contact, wish, begunAt: workflowInfo().startTime.getTime() });
    if (chain !== null) await awaitEnd({ ...contact, chain });
    await continueAsNew<typeof forget>(contact);
  }
  await eraseContact({ ...contact, ownRun: workflowInfo().runId });
  setCurrentDetails('The contact is forgotten. Kept for a while, so that no resync brings it back.');
  await sleep(KNOWN_FOR, { summary: 'until no resync can know the contact from before' });
}
