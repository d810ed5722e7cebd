import { ownPuttingBack } from '../consent/clearing';
import type { Contact, OwnBlacklisting } from '../consent/contact';
import { foundOnBlacklist } from '../consent/contact-ledger';
import type { Identifier } from '../consent/identifier';
import { type Seconds, toSeconds } from '../consent/statement';
import type { Look } from './activities-contract';
import { CLOCK_TOLERANCE_MS } from './clocks';
import type { CarriedState } from './contact-state';

const KEPT_OWN_BLACKLISTINGS = 8;
const KEPT_CALLS = 30;

/** An answer that was given up may still be carried out; after this time, in ms, it is not any more. */
const DOUBT_LASTS_MS = 60_000;

/** Another workflow that looked before our write has written by then, in ms, and may have overwritten our ledger. */
const LEDGER_RECHECK_MS = 60_000;

/** What we know of the contact in Brevo, and how sure we are of it. */
export class BrevoView {
  /** Calls for this contact in this run of the workflow, also to Didomi. */
  callsMade = 0;

  constructor(private readonly state: CarriedState) {}

  /** How to look the contact up: by its numeric id, once known, because reads by it show every write. */
  identifier(given: Identifier): Identifier {
    const { contactId } = this.state;
    return contactId === undefined ? given : { kind: 'contact_id', value: String(contactId) };
  }

  /**
   * @param at ms, when the look began
   * @param own what the contact's ledger remembers of our own blacklisting
   */
  learn(look: Look, at: number, own: OwnBlacklisting | undefined): void {
    const { contact, rules, rulesVersion, targets, typesUnknown } = look;
    Object.assign(this.state, { rules, rulesVersion });
    this.state.knowledge = { contact, at, seenAt: at, targets, ...(typesUnknown && { typesUnknown }) };
    const ledger = rules.ledgerAttribute && contact?.attributes[rules.ledgerAttribute];
    if (ledger === this.state.ledger?.text) delete this.state.ledger;
    const { memory } = this.state;
    const { on: noted, refusedOptIn: _, ...off } = memory;
    if (!contact) {
      delete this.state.contactId;
      // A contact that never was is not lost.
      if (noted?.unconfirmed) this.state.memory = off;
      return;
    }
    const on = this.wasThereBefore(contact) ? undefined : noted;
    const known = on ?? { since: toSeconds(at), byUs: false };
    if (!contact.emailBlacklisted) this.state.memory = off;
    else if (this.isAnother(contact)) this.state.memory = { own: memory.own, on: { ...known, byUs: false } };
    else this.state.memory = on ? memory : { ...memory, ...foundOnBlacklist(memory.own, own, at) };
    // A clearing that did not last and can no longer be carried out is over.
    if (contact.emailBlacklisted && this.state.doubtUntil === undefined) this.noteOnBlacklist();
    this.identify(contact);
  }

  /** @param now ms */
  noteLedgerWritten(text: string, now: number): void {
    const { ledger } = this.state;
    this.state.ledger = { text, times: ledger?.text === text ? ledger.times + 1 : 1 };
    // A contact that is hardly remembered is not kept open for it.
    this.state.recheckAt =
      now + Math.min(LEDGER_RECHECK_MS, this.state.rules?.rememberMs ?? LEDGER_RECHECK_MS);
  }

  /** Brevo may hold something else by now. */
  forget(): void {
    delete this.state.knowledge;
  }

  /** Brevo has no contact of the id that we know. */
  forgetId(): void {
    delete this.state.contactId;
    delete this.state.knowledge;
  }

  /** A write of these mapping ids begins; until it is confirmed, nobody knows what Brevo holds for them. */
  beginWrite(ids: readonly string[]): void {
    this.state.doubtful = [...new Set([...this.state.doubtful, ...ids])];
  }

  /** Brevo said what became of the write. */
  confirm(ids: readonly string[]): void {
    this.state.doubtful = this.state.doubtful.filter((id) => !ids.includes(id));
  }

  /** A write was given up without an answer: look again once it can no longer be carried out. @param now ms */
  giveUp(now: number): void {
    if (this.state.doubtful.length > 0 || this.state.memory.clearingBegun) this.recheckAfter(now);
  }

  /** An earlier attempt of a write may be carried out after later ones: look again when it no longer can. @param now ms */
  recheckAfter(now: number): void {
    this.state.doubtUntil = now + DOUBT_LASTS_MS;
    this.state.recheckAt = this.state.doubtUntil;
  }

  /**
   * Brevo now holds this.
   *
   * @param at ms, when the write began
   * @param seenAt ms, when the write began that looked too, or made the contact
   */
  noteWritten(contact: Contact, at: number, seenAt?: number): void {
    const { knowledge } = this.state;
    this.identify(contact);
    if (knowledge) {
      this.state.knowledge = { ...knowledge, contact, at, seenAt: seenAt ?? knowledge.seenAt };
    }
  }

  /**
   * Noted before the call, because its trace in Brevo is ours even when its answer is lost.
   *
   * @param now ms
   * @param since when the person chose it, where that is known
   */
  beginBlacklisting(now: number, since: Seconds | undefined): void {
    const { knowledge, memory } = this.state;
    // It was on already, as far as we know: then the earlier reason counts on, and it was last seen off before.
    const seenOffAt = (memory.on && memory.own.at(-1)?.seenOffAt) ?? knowledge?.seenAt ?? now;
    const own = [...memory.own, { seenOffAt, from: now }].slice(-KEPT_OWN_BLACKLISTINGS);
    const lost = memory.on ? { carried: true as const } : { unconfirmed: true as const };
    const on = { since: since ?? toSeconds(now), byUs: true, ...memory.on, ...(!knowledge?.contact && lost) };
    this.state.memory = { ...memory, own, on };
  }

  /** @param now ms */
  endBlacklisting(now: number): void {
    const { memory } = this.state;
    const own = memory.own.map((one) => (one.to === undefined ? { ...one, to: now } : one));
    this.state.memory = { ...memory, own };
  }

  /** Brevo said that the contact is on the blacklist now: whatever became of a clearing before is over. */
  noteOnBlacklist(): void {
    // Until it is looked at again, an earlier clearing may still be carried out, over this.
    if (this.state.doubtUntil !== undefined) return;
    const { clearingBegun: _, ...memory } = this.state.memory;
    this.state.memory = memory;
  }

  beginClearing(): void {
    this.state.memory = { ...this.state.memory, clearingBegun: true };
  }

  noteOffBlacklist(): void {
    this.state.memory = { own: this.state.memory.own };
  }

  /**
   * Brevo knows an unsubscription that is not older than the opt-in of this time.
   *
   * @param putBack ms, from and to: when we put the contact back on the blacklist after we had cleared it
   */
  noteGuarded(
    optInAt: Seconds | undefined,
    unsubscribedAt: Seconds,
    putBack?: { readonly from: number; readonly to: number },
  ): void {
    const { own } = this.state.memory;
    const ours = putBack ? [ownPuttingBack(putBack, unsubscribedAt)] : [];
    this.state.memory = {
      own: [...own, ...ours].slice(-KEPT_OWN_BLACKLISTINGS),
      on: { since: unsubscribedAt, byUs: false },
      ...(optInAt !== undefined && { refusedOptIn: optInAt }),
    };
  }

  /** The contact was merged into this one, or somebody made it anew: what put that one on the blacklist was not us. */
  private isAnother({ id }: Contact): boolean {
    return this.state.memoryOf !== undefined && this.state.memoryOf !== id;
  }

  /** It is not the contact that we began to create on the blacklist: who put it there was not us. */
  private wasThereBefore({ createdAt }: Contact): boolean {
    const { on, own } = this.state.memory;
    const begun = on?.unconfirmed && own.at(-1)?.from;
    return begun !== undefined && createdAt !== undefined && createdAt < begun - CLOCK_TOLERANCE_MS;
  }

  private identify({ id }: Contact): void {
    this.state.contactId = id;
    this.state.memoryOf = id;
    const { on, ...rest } = this.state.memory;
    if (!on?.unconfirmed) return;
    const { unconfirmed: _, ...confirmed } = on;
    this.state.memory = { ...rest, on: confirmed };
  }

  /** For the contact's story. @param at ms */
  noteCall(activity: string, at: number, result: string): void {
    this.callsMade += 1;
    const call = { activity, at: new Date(at).toISOString(), result };
    this.state.calls = [...this.state.calls, call].slice(-KEPT_CALLS);
  }
}
