const PRIORITIES = ['withdrawal', 'live', 'bulkWithdrawal', 'bulk'] as const;
/** Who goes first when calls wait, in this order. */
export type Priority = (typeof PRIORITIES)[number];

/** What is known of somebody who waits. */
export interface Place {
  readonly priority: Priority;
  /** On whose behalf: among the same priority the parties take turns. */
  readonly party: string;
}

/**
 * Those who wait for their turn. A higher priority always goes first; within one, the parties take turns, so that one
 * that asks for much does not starve another; within a party, who came first.
 */
export class Turns<Waiter extends Place> {
  private readonly parties: Readonly<Record<Priority, Map<string, Set<Waiter>>>> = {
    withdrawal: new Map(),
    live: new Map(),
    bulkWithdrawal: new Map(),
    bulk: new Map(),
  };
  private readonly waiting = new Map<string, number>();

  add(waiter: Waiter): void {
    const parties = this.parties[waiter.priority];
    const ofParty = parties.get(waiter.party) ?? new Set();
    parties.set(waiter.party, ofParty.add(waiter));
    this.count(waiter.party, 1);
  }

  /** Whoever leaves because it was their turn lets the other parties go before their own next one. */
  remove(waiter: Waiter, hadTurn = false): void {
    const parties = this.parties[waiter.priority];
    const ofParty = parties.get(waiter.party);
    if (!ofParty?.delete(waiter)) return;
    this.count(waiter.party, -1);
    if (hadTurn || ofParty.size === 0) parties.delete(waiter.party);
    if (hadTurn && ofParty.size > 0) parties.set(waiter.party, ofParty);
  }

  first(): Waiter | undefined {
    for (const priority of PRIORITIES) {
      for (const ofParty of this.parties[priority].values()) {
        for (const waiter of ofParty) return waiter;
      }
    }
    return undefined;
  }

  *everyone(): Iterable<Waiter> {
    for (const priority of PRIORITIES) {
      for (const ofParty of this.parties[priority].values()) yield* ofParty;
    }
  }

  /** How many of this party wait. */
  sizeOf(party: string): number {
    return this.waiting.get(party) ?? 0;
  }

  /** How many go before a newcomer if nobody overtakes it. */
  ahead({ priority, party }: Place): number {
    let ahead = 0;
    for (const other of PRIORITIES) {
      if (other === priority) break;
      for (const ofParty of this.parties[other].values()) ahead += ofParty.size;
    }
    const own = this.parties[priority].get(party)?.size ?? 0;
    for (const [name, { size }] of this.parties[priority]) {
      ahead += name === party ? size : Math.min(size, own + 1);
    }
    return ahead;
  }

  private count(party: string, change: number): void {
    const size = this.sizeOf(party) + change;
    if (size > 0) this.waiting.set(party, size);
    else this.waiting.delete(party);
  }
}
