import type { WorkflowHandle } from '@temporalio/client';
import type { Harness } from './harness';

/** Submits one event for one integration and waits: its outcome, or why it was not accepted. */
export async function outcomeOf({ client }: Harness, event: unknown): Promise<string | undefined> {
  const [result] = await client.submitAndWait(event);
  return result?.status === 'accepted' ? result.outcome : result?.reason;
}

/** The story of a contact that one integration knows. */
export async function storyOf({ client }: Harness, organizationUserId: string) {
  const [story] = await client.status(organizationUserId);
  if (!story) throw new Error('no integration knows this contact');
  return story;
}

/** The workflow that keeps the contact. */
export async function workflowOf(harness: Harness, organizationUserId: string): Promise<WorkflowHandle> {
  const { workflowId } = await storyOf(harness, organizationUserId);
  return harness.temporal.workflow.getHandle(workflowId);
}

/** The calls of this HTTP method that have reached Brevo, also those that have no answer yet. */
export function callsOf({ simulator }: Harness, method: string) {
  return simulator.calls().filter((call) => call.method === method);
}
