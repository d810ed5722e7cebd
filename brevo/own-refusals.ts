/** Contacts remembered; of more the oldest are forgotten, and close the gate once more. */
const REMEMBERED = 1_000;

interface Refused {
  readonly kind: string;
  /** Brevo has done the same for another contact since. */
  own: boolean;
}

/**
 * Tells a contact that Brevo refuses apart from an account that it refuses: one that is refused what is done for others
 * meanwhile must not keep closing the gate to all of them.
 */
export class OwnRefusals {
  private readonly refused = new Map<string, Refused>();

  noteRefused(kind: string, who: string | undefined): void {
    if (who === undefined) return;
    this.refused.delete(who);
    this.refused.set(who, { kind, own: false });
    for (const oldest of this.refused.keys()) {
      if (this.refused.size <= REMEMBERED) break;
      this.refused.delete(oldest);
    }
  }

  noteServed(kind: string, who: string | undefined): void {
    if (this.refused.size === 0) return;
    for (const [name, one] of this.refused) {
      if (one.kind !== kind) continue;
      if (name === who) this.refused.delete(name);
      else one.own = true;
    }
  }

  isOwn(kind: string, who: string | undefined): boolean {
    const one = who === undefined ? undefined : this.refused.get(who);
    return one !== undefined && one.kind === kind && one.own;
  }
}
