import type { SubmitResult } from '../client';

/** Per integration: how many events were accepted, and ignored for which reason, since the start. */
export type IngestTotals = Readonly<
  Record<string, { readonly accepted: number; readonly ignored: Readonly<Record<string, number>> }>
>;

/** Counts what became of events. */
export class IngestCounts {
  private readonly integrations = new Map<string, { accepted: number; ignored: Map<string, number> }>();

  add(results: readonly SubmitResult[]): void {
    for (const result of results) {
      const counts = this.of(result.integration);
      if (result.status === 'accepted') counts.accepted += 1;
      else counts.ignored.set(result.reason, (counts.ignored.get(result.reason) ?? 0) + 1);
    }
  }

  totals(): IngestTotals {
    return Object.fromEntries(
      [...this.integrations].map(([name, { accepted, ignored }]) => [
        name,
        { accepted, ignored: Object.fromEntries(ignored) },
      ]),
    );
  }

  private of(integration: string): { accepted: number; ignored: Map<string, number> } {
    const known = this.integrations.get(integration);
    if (known) return known;
    const counts = { accepted: 0, ignored: new Map<string, number>() };
    this.integrations.set(integration, counts);
    return counts;
  }
}
