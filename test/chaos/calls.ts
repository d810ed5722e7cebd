import type { SimCall, Simulator } from '../../simulator';

/** Counts the calls that reach Brevo, and keeps of them what it takes to judge the end. */
export class Calls {
  total = 0;
  /** ms since 1970. */
  lastAt = 0;

  constructor(private readonly simulator: Simulator) {
    simulator.onCall((_call, moment) => {
      this.total += moment === 'before' ? 1 : 0;
      this.lastAt = Date.now();
    });
  }

  /** Calls by what befell them. */
  befallen(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { faults = [], status } of this.simulator.calls()) {
      const names = faults.filter((name) => name !== 'latency');
      for (const name of status === null && names.length === 0 ? ['client gone'] : names) {
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** Calls that put this contact on the blacklist, or tried to. */
  blacklistings(contact: { readonly id: number; readonly identifier: string }): SimCall[] {
    return this.simulator.calls().filter(({ body, identifier }) => {
      const sent = body as { emailBlacklisted?: unknown; email?: unknown; ext_id?: unknown } | undefined;
      if (sent?.emailBlacklisted !== true) return false;
      return (
        identifier === String(contact.id) ||
        sent.email === contact.identifier ||
        sent.ext_id === contact.identifier
      );
    });
  }
}
