import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { RateBudget } from '../brevo/budget';

export interface BrevoSlotsOptions {
  readonly budget: Pick<RateBudget, 'waitingOf' | 'onLeft'>;
  /** Name of the integration, as the calls to the budget give it. */
  readonly party: string;
  /** Calls under way and waiting together. */
  readonly most: number;
  /** Waiting calls from which on no further task is fetched. */
  readonly mostWaiting: number;
}

/**
 * Fetches an integration's tasks only as fast as its account's budget lets them go. What waits then waits in Temporal's
 * task queue, where a withdrawal overtakes it, where it can be called off at once, and from where another worker may
 * take it; and calls that Brevo answers slowly don't keep others from beginning.
 */
export class BrevoSlots implements CustomSlotSupplier<ActivitySlotInfo> {
  readonly type = 'custom';
  private taken = 0;
  private readonly queue = new Set<() => void>();

  constructor(private readonly options: BrevoSlotsOptions) {
    options.budget.onLeft(() => this.serve());
  }

  reserveSlot(_: unknown, aborted: AbortSignal): Promise<SlotPermit> {
    return new Promise((resolve, reject) => {
      const take = () => {
        aborted.removeEventListener('abort', giveUp);
        this.taken += 1;
        resolve({});
      };
      const giveUp = () => {
        this.queue.delete(take);
        reject(aborted.reason);
      };
      if (aborted.aborted) return giveUp();
      aborted.addEventListener('abort', giveUp, { once: true });
      this.queue.add(take);
      this.serve();
    });
  }

  tryReserveSlot(): SlotPermit | null {
    if (!this.isFree()) return null;
    this.taken += 1;
    return {};
  }

  markSlotUsed(): void {}

  releaseSlot(): void {
    this.taken -= 1;
    this.serve();
  }

  private isFree(): boolean {
    const { budget, party, most, mostWaiting } = this.options;
    return this.taken < most && budget.waitingOf(party) < mostWaiting;
  }

  private serve(): void {
    for (const take of this.queue) {
      if (!this.isFree()) return;
      this.queue.delete(take);
      take();
    }
  }
}
