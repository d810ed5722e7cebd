import type { Client } from '@temporalio/client';
import type { ForgetParts } from '../activities/forget-activities';
import { ContactRuns } from '../client/contact-runs';
import { forgetKept } from '../resync/forget-kept';
import { contactWorkflowId, forgetWorkflowId } from '../workflows/forget/contract';

/** @param root folder of the resyncs' files; absent: this worker has none */
export function forgetParts(temporal: Client, root: string | undefined): ForgetParts {
  const runs = new ContactRuns(temporal);
  return {
    async askToEnd(contact, wish, before) {
      const workflowId = contactWorkflowId(contact);
      const latest = await runs.latest(workflowId);
      if (!latest?.open) return undefined;
      const first = await runs.latest(workflowId, latest.chain);
      if (first && first.startedAt > before) return undefined;
      await runs.askToEnd(workflowId, wish);
      return latest.chain;
    },
    isOpen: (contact, chain) => runs.isOpen(contactWorkflowId(contact), chain),
    eraseRuns: async (contact) => (await runs.erase(contactWorkflowId(contact))).left,
    eraseEarlierRuns: async (contact, ownRun) => (await runs.erase(forgetWorkflowId(contact), ownRun)).left,
    async eraseFiles(contact) {
      if (root !== undefined) await forgetKept(root, [contact]);
    },
  };
}
