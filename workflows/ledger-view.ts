import type { Target } from '../consent/contact';
import { ledgerOf } from '../consent/contact-ledger';
import type { LedgerNeed } from '../consent/decide';
import { hasNews, writeLedger } from '../consent/ledger';
import type { CarriedState, Knowledge } from './contact-state';

/** After this many times Brevo will not keep the ledger the next time either. */
const MAX_SAME_LEDGERS = 3;

/** The ledger in the contact's Brevo attribute, where the integration has one. */
export class LedgerView {
  constructor(private readonly state: CarriedState) {}

  /** The attribute that keeps it. */
  target(): Target | undefined {
    const { knowledge, rules } = this.state;
    return knowledge?.targets.find(({ id }) => id === rules?.ledgerAttribute);
  }

  /** What the attribute shall hold now. */
  text(): string {
    const { consent, memory } = this.state;
    const own = memory.on?.byUs && !memory.clearingBegun ? memory.own.at(-1) : undefined;
    return writeLedger({ state: consent, ...(own && { own }) });
  }

  /** @param anew ids to be written even where Brevo seems to hold the value */
  need({ contact, at }: Knowledge, anew: ReadonlySet<string>): LedgerNeed | undefined {
    const { consent, rules, ledger } = this.state;
    const target = this.target();
    if (!rules || !target) return undefined;
    const held = ledgerOf(contact, rules, consent, at);
    const due = anew.has(target.id) || hasNews(consent, held.state);
    const notKept = ledger !== undefined && ledger.times >= MAX_SAME_LEDGERS && ledger.text === this.text();
    return { target, due, notKept };
  }
}
