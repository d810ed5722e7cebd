/** Why requests were turned away, before anything of them was looked at as an event. */
type Refusal =
  | 'address_not_allowed'
  | 'unauthorized'
  | 'invalid_request'
  | 'invalid_client'
  | 'unsupported_grant_type'
  | 'temporarily_unavailable';

/** Counts requests that were turned away, by reason. */
export class Refusals {
  private readonly counts = new Map<Refusal, number>();

  add(reason: Refusal): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
  }

  /** Since the start. */
  totals(): Readonly<Partial<Record<Refusal, number>>> {
    return Object.fromEntries(this.counts);
  }
}
