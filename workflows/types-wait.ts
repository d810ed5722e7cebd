import type { Outcome } from '../consent/outcome';
import type { LookUpInput } from './activities-contract';
import type { ContactRecord } from './contact-record';

/**
 * What to do while Brevo does not tell the types of its attributes: the blacklist flag needs none, so a withdrawal is put
 * there at once, and everything else is looked at again with the types.
 */
export class TypesWait {
  private isMissing = false;
  private flagWritten: Outcome | undefined;

  constructor(private readonly record: ContactRecord) {}

  /** What a look is asked with: once without types, then with them, however long that takes. */
  asked(): Pick<LookUpInput, 'mayLackTypes'> {
    return this.isMissing ? {} : { mayLackTypes: true };
  }

  /** A look came without types; what the flag needs is written. */
  missed(outcome: Outcome): void {
    this.isMissing = true;
    if (outcome === 'created' || outcome === 'updated') this.flagWritten = outcome;
  }

  /** Whether somebody has withdrawn since the look for the types began; undefined where it matters not. */
  hurries(): (() => boolean) | undefined {
    const { record } = this;
    return this.isMissing && !record.wanted.withdrawsFlag() ? () => record.wanted.withdrawsFlag() : undefined;
  }

  /** A withdrawal has come: looked at without types first. */
  hurry(): void {
    this.isMissing = false;
  }

  /** What came of everything, when the rest came to `outcome`. */
  outcome(outcome: Outcome): Outcome {
    return outcome === 'unchanged' || this.flagWritten === 'created'
      ? (this.flagWritten ?? outcome)
      : outcome;
  }

  /** Everything is settled. */
  end(): void {
    this.isMissing = false;
    this.flagWritten = undefined;
  }
}
