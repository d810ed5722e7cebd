import { setTimeout as pause } from 'node:timers/promises';
import { contactWorkflowId, type KeptContact } from '../workflows/forget/contract';
import type { ContactRuns, LatestRun } from './contact-runs';
import { FAILED_OUTCOMES } from './failed-outcomes';
import type { Forgettings } from './forgettings';
import type { ContactStory } from './stories';

/** What Temporal holds of a contact of one integration. */
export interface HeldContact extends KeptContact {
  readonly workflowId: string;
  /** Runs of its workflow, open and ended. */
  readonly workflows: number;
  /** Whether it is held or rejected. */
  readonly failures: number;
  /**
   * Mapping ids of what the person withdrew and Brevo does not have yet; null: there may be some, but no worker
   * answers for the contact.
   */
  readonly unwrittenWithdrawals: readonly string[] | null;
}

/** What became of it. */
export interface ForgottenContact extends HeldContact {
  /** Runs that were deleted. */
  readonly deleted: number;
  /** Runs that are left. */
  readonly left: number;
  /** Present where its workflow is still open: it is forgotten as soon as what it owes Brevo is written. */
  readonly waits?: true;
}

/** A contact's workflow that owes nothing ends within this time, in ms, where a worker is there. */
const ENDS_WITHIN_MS = 10_000;
/** Of one that is held or rejected that is known sooner. */
const FAILED_ENDS_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 200;

/** Erases what Temporal holds of contacts. Temporal's errors come out as they are. */
export class Forgetting {
  constructor(
    private readonly runs: ContactRuns,
    private readonly forgettings: Forgettings,
    private readonly story: (workflowId: string) => Promise<ContactStory | undefined>,
  ) {}

  /** What is held; nothing is changed. */
  async look(contact: KeptContact): Promise<HeldContact> {
    const workflowId = contactWorkflowId(contact);
    const latest = await this.runs.latest(workflowId);
    const unwrittenWithdrawals = await this.unwritten(workflowId, latest);
    return { ...(await this.counted(contact, latest)), unwrittenWithdrawals };
  }

  /**
   * Has the contact's workflow end, and deletes all of its runs. A withdrawal that Brevo does not have yet is waited for:
   * the workflow is left open then, and whatever worker there is finishes what was begun here.
   *
   * @param dropsUnwritten ends it all the same
   */
  async forget(contact: KeptContact, dropsUnwritten: boolean): Promise<ForgottenContact> {
    const workflowId = contactWorkflowId(contact);
    const held = await this.counted(contact, await this.runs.latest(workflowId));
    const wish = { at: Date.now() };
    // First of all, so that no resync submits the contact from here on.
    await this.forgettings.begin(contact, wish);
    const latest = await this.runs.latest(workflowId);
    let unwritten: readonly string[] | null = [];
    let waits = false;
    if (latest?.open) {
      await this.runs.askToEnd(workflowId, wish);
      if (await this.staysOpen(workflowId, latest.chain)) {
        unwritten = await this.unwritten(workflowId, await this.runs.latest(workflowId));
        waits = unwritten?.length !== 0 && !dropsUnwritten;
        if (!waits) await this.runs.terminate(workflowId, latest.chain);
      }
    }
    const { deleted, left } = await this.runs.erase(workflowId);
    return {
      ...held,
      unwrittenWithdrawals: unwritten,
      // A worker does the same at the same time.
      deleted: left === 0 && !waits ? Math.max(deleted, held.workflows) : deleted,
      left: left + (waits ? 1 : 0),
      ...(waits && { waits: true }),
    };
  }

  private async counted(
    contact: KeptContact,
    latest: LatestRun | undefined,
  ): Promise<Omit<HeldContact, 'unwrittenWithdrawals'>> {
    const workflowId = contactWorkflowId(contact);
    const listed = await this.runs.count(workflowId);
    return {
      ...contact,
      workflowId,
      workflows: Math.max(listed, latest ? 1 : 0),
      failures: latest?.open && isFailed(latest.outcome) ? 1 : 0,
    };
  }

  private async staysOpen(workflowId: string, chain: string): Promise<boolean> {
    const from = performance.now();
    for (;;) {
      const latest = await this.runs.latest(workflowId);
      if (!latest?.open || latest.chain !== chain) return false;
      const within = isFailed(latest.outcome) ? FAILED_ENDS_WITHIN_MS : ENDS_WITHIN_MS;
      if (performance.now() - from > within) return true;
      await pause(LOOK_EVERY_MS);
    }
  }

  private async unwritten(
    workflowId: string,
    latest: LatestRun | undefined,
  ): Promise<readonly string[] | null> {
    if (!latest?.open) return [];
    const story = await this.story(workflowId);
    if (!story?.open) return [];
    if (story.incomplete !== undefined) return null;
    // A worker of an earlier version does not say it.
    return story.unwrittenWithdrawals ?? null;
  }
}

function isFailed(outcome: string | null): boolean {
  return FAILED_OUTCOMES.some((one) => one === outcome);
}
