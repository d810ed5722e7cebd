import type { Contact, Target } from '../consent/contact';
import type { AttributeWrite, ClearAction, WriteAction } from '../consent/decide';
import { dateOf } from '../consent/in-force';
import type { Refusal } from '../consent/outcome';
import { BLACKLIST_FLAG } from '../consent/rules';
import { type Seconds, toSeconds } from '../consent/statement';
import type { AttributeValues, BrevoFailureDetail, Clearing, UpdateInput } from './activities-contract';
import { type BrevoFailureKind, brevoFailure } from './brevo-activities';
import type { ContactRecord, Settlement } from './contact-record';
import type { ConsentSyncInput } from './contract';
import { describeWrite } from './narrative';
import type { Surroundings } from './surroundings';
import type { Urgency } from './urgency';

/** Values that go into one call. */
interface Part {
  readonly attributes: readonly AttributeWrite[];
  readonly blacklist: boolean;
  /** The ledger goes along: its text is told when the call begins. */
  readonly ledger: boolean;
}

/** Tells Brevo what was decided for one contact. */
export class Writing {
  private readonly refused: Refusal[] = [];
  private written = false;
  private readonly ledgerTarget: Target | undefined;

  constructor(
    private readonly input: ConsentSyncInput,
    private readonly record: ContactRecord,
    private readonly urgency: Urgency,
    private readonly call: Surroundings['call'],
  ) {
    this.ledgerTarget = record.ledger.target();
  }

  /**
   * One call where Brevo takes it. Where it refuses, withdrawals go once more in a call of their own and then
   * every value by itself, so that one bad value holds back nothing else.
   */
  async write(action: WriteAction): Promise<Settlement> {
    let contact = this.record.state.knowledge?.contact ?? null;
    const { attributes, blacklist } = action;
    const whole: Part = { attributes, blacklist, ledger: action.ledger ?? false };
    const queue: Part[] = [whole];
    for (let part = queue.shift(); part; part = queue.shift()) {
      try {
        contact = contact ? await this.update(contact, part) : await this.create(part);
        // The ledger alone is no value.
        this.written ||= action.kind === 'create' || part.attributes.length > 0 || part.blacklist;
      } catch (error) {
        const smaller = split(part);
        const detail = refusalIn(error, contact === null);
        if (smaller.length > 1) queue.unshift(...smaller);
        else this.refuse(part, detail);
      }
    }
    const nothingWritten = action.kind === 'create' ? 'skipped' : 'unchanged';
    return { outcome: this.written ? OUTCOME_OF[action.kind] : nothingWritten, refused: this.refused };
  }

  /** Takes the contact off the blacklist if Brevo knows nothing against it; writes the values either way. */
  async clear(contact: Contact, { attributes, terms, ledger = false }: ClearAction): Promise<Settlement> {
    let clearing: Clearing;
    try {
      clearing = await this.callClear(contact, { attributes, terms, ledger });
    } catch (error) {
      const detail = refusalIn(error, false);
      if (attributes.length === 0 && !ledger) {
        this.refuse({ attributes, blacklist: true, ledger: false }, detail);
        return { outcome: this.written ? 'updated' : 'unchanged', refused: this.refused };
      }
      await this.write({ kind: 'update', attributes, blacklist: false, ledger });
      const current = this.record.state.knowledge?.contact ?? contact;
      return this.clear(current, { kind: 'clear', attributes: [], terms });
    }
    const changed = this.written || clearing.result === 'cleared' || attributes.length > 0;
    return {
      outcome: changed ? 'updated' : 'unchanged',
      refused: this.refused,
      ...(clearing.result === 'guarded' && { guarded: 'later_unsubscription' }),
    };
  }

  private async create(planned: Part): Promise<Contact> {
    const part = this.begin(planned);
    const input = {
      ...this.whoAndWhat(part.attributes),
      identifier: this.input.identifier,
      emailBlacklisted: part.blacklist,
    };
    const from = Date.now();
    const { contactId } = await this.tracked(
      part,
      this.call('createContact', input, { urgency: this.urgency, summary: `create: ${describePart(part)}` }),
    );
    const created = { id: contactId, emailBlacklisted: false, attributes: {} };
    if (!part.blacklist) this.record.brevo.noteOffBlacklist();
    return this.noteWritten('createContact', created, part, from, from);
  }

  private async update(contact: Contact, planned: Part): Promise<Contact> {
    const part = this.begin(planned);
    const input = {
      ...this.whoAndWhat(part.attributes),
      identifier: this.input.identifier,
      contactId: contact.id,
      ...(part.blacklist && { emailBlacklisted: true as const }),
      ...this.ledgerSeen(contact),
    };
    const from = Date.now();
    const written = await this.tracked(
      part,
      this.call('updateContact', input, { urgency: this.urgency, summary: `update: ${describePart(part)}` }),
    );
    if (written?.inDoubt) this.record.brevo.recheckAfter(Date.now());
    return this.noteWritten('updateContact', contact, part, from);
  }

  private async callClear(
    contact: Contact,
    { attributes: planned, terms, ledger = false }: Omit<ClearAction, 'kind'>,
  ): Promise<Clearing> {
    const { brevo, state } = this.record;
    const begunBefore = state.memory.clearingBegun ?? false;
    const from = Date.now();
    brevo.beginClearing();
    const part = this.begin({ attributes: planned, blacklist: false, ledger });
    const { attributes } = part;
    const input = {
      ...this.whoAndWhat(attributes),
      identifier: this.input.identifier,
      contactId: contact.id,
      terms,
      begunBefore,
      dryRun: state.rules?.dryRun ?? false,
      ...this.ledgerSeen(contact),
    };
    const clearing = await this.tracked(
      part,
      this.call('clearBlacklist', input, {
        urgency: this.urgency,
        summary: `look, then write: ${describeWrite(attributes, 'off')}`,
      }),
    );
    brevo.noteCall('clearBlacklist', Date.now(), describeClearing(clearing, attributes));
    const on = clearing.result === 'guarded';
    if (clearing.result === 'guarded') {
      const unsubscribedAt = clearing.unsubscribedAt ?? toSeconds(Date.now());
      brevo.noteGuarded(terms.optInAt, unsubscribedAt, clearing.putBack);
    } else {
      brevo.noteOffBlacklist();
    }
    if (clearing.inDoubt) brevo.recheckAfter(Date.now());
    // Until it is looked at again, an earlier clearing may still be carried out, over what this one found.
    if ((clearing.inDoubt || input.begunBefore) && state.doubtUntil !== undefined) brevo.beginClearing();
    brevo.noteWritten(withValues({ ...contact, emailBlacklisted: on }, attributes), from, from);
    return clearing;
  }

  private whoAndWhat(attributes: readonly AttributeWrite[]) {
    const { rulesVersion } = this.record.state;
    return {
      integration: this.input.integration,
      attributes: valuesOf(attributes),
      rulesVersion: rulesVersion ?? '',
    };
  }

  private ledgerSeen({ attributes }: Contact): Pick<UpdateInput, 'ledger'> {
    const target = this.ledgerTarget;
    const seenAt = this.record.state.knowledge?.seenAt;
    if (!target || seenAt === undefined) return {};
    return { ledger: { attribute: target.name, seen: String(attributes[target.id] ?? ''), seenAt } };
  }

  /** Notes that the part is about to be written, and gives it the ledger's text, which tells of it. */
  private begin({ attributes, blacklist, ledger }: Part): Part {
    const { brevo } = this.record;
    if (blacklist) brevo.beginBlacklisting(Date.now(), this.chosenAt());
    const target = ledger ? this.ledgerTarget : undefined;
    const part = {
      attributes: target ? [...attributes, ledgerWrite(target, this.record.ledger.text())] : attributes,
      blacklist,
      ledger,
    };
    brevo.beginWrite(idsOf(part));
    return part;
  }

  /** While a write has no answer, nobody knows what Brevo holds for what it writes. */
  private async tracked<T>(part: Part, written: Promise<T>): Promise<T> {
    const { brevo } = this.record;
    try {
      const result = await written;
      brevo.confirm(idsOf(part));
      const ledger = part.attributes.find(({ id }) => id === this.ledgerTarget?.id);
      if (ledger && !this.record.state.rules?.dryRun) {
        brevo.noteLedgerWritten(String(ledger.value), Date.now());
      }
      if (part.blacklist) brevo.noteOnBlacklist();
      return result;
    } catch (error) {
      if (isAnswer(error)) brevo.confirm(idsOf(part));
      throw error;
    } finally {
      if (part.blacklist) brevo.endBlacklisting(Date.now());
    }
  }

  private noteWritten(activity: string, before: Contact, part: Part, at: number, seenAt?: number): Contact {
    const contact = withValues(
      part.blacklist ? { ...before, emailBlacklisted: true } : before,
      part.attributes,
    );
    this.record.brevo.noteCall(activity, Date.now(), describePart(part));
    this.record.brevo.noteWritten(contact, at, seenAt);
    return contact;
  }

  /** When the person chose what puts the contact on the blacklist, or since when Didomi is known to hold it. */
  private chosenAt(): Seconds | undefined {
    const flag = this.record.wanted.wishes().find(({ id }) => id === BLACKLIST_FLAG);
    return flag && dateOf(flag.inForce);
  }

  private refuse(part: Part, detail: BrevoFailureDetail): void {
    const ids = [...idsOf(part), ...(part.ledger && this.ledgerTarget ? [this.ledgerTarget.id] : [])];
    const { reason, status, code, requestId } = detail;
    const answer = {
      reason,
      ...(status !== undefined && { status }),
      ...(code !== undefined && { code }),
      ...(requestId !== undefined && { requestId }),
    };
    this.refused.push(...(ids.length > 0 ? ids.map((id) => ({ id, ...answer })) : [answer]));
    this.record.brevo.noteCall('updateContact', Date.now(), `refused: ${ids.join(', ')}`);
  }
}

const OUTCOME_OF = { create: 'created', update: 'updated' } as const;

function describeClearing({ result }: Clearing, attributes: readonly AttributeWrite[]): string {
  if (result === 'cleared') return describeWrite(attributes, 'off');
  const found = result === 'guarded' ? 'kept on the blacklist' : 'was not on the blacklist';
  return attributes.length === 0 ? found : `${describeWrite(attributes)}; ${found}`;
}

/** First the withdrawals together, then each other value and the ledger; withdrawals alone fall apart into single values. */
function split({ attributes, blacklist, ledger }: Part): Part[] {
  const withdrawals = attributes.filter(({ withdrawal }) => withdrawal);
  const others = attributes.filter(({ withdrawal }) => !withdrawal);
  const alone = (attribute: AttributeWrite): Part => ({ ...NO_PART, attributes: [attribute] });
  const last = ledger ? [{ ...NO_PART, ledger }] : [];
  if (others.length > 0 || ledger) {
    const together = { ...NO_PART, attributes: withdrawals, blacklist };
    return [...(blacklist || withdrawals.length > 0 ? [together] : []), ...others.map(alone), ...last];
  }
  return [...(blacklist ? [{ ...NO_PART, blacklist }] : []), ...withdrawals.map(alone)];
}

const NO_PART: Part = { attributes: [], blacklist: false, ledger: false };

function ledgerWrite({ id, name }: Target, value: string): AttributeWrite {
  return { id, name, value, withdrawal: false, personal: true };
}

/** The refusal in an activity's failure; any other failure is thrown on. */
function refusalIn(error: unknown, creating: boolean): BrevoFailureDetail {
  const failure = brevoFailure(error);
  // A create that meets 404 is refused for something it names, such as its list.
  if (failure?.kind === 'refused' || (creating && failure?.kind === 'notFound')) return failure.detail;
  throw error;
}

/** Brevo said what became of the call, so that nothing of it is in doubt. */
function isAnswer(error: unknown): boolean {
  const kind = brevoFailure(error)?.kind;
  return kind !== undefined && ANSWERS.has(kind);
}

const ANSWERS: ReadonlySet<BrevoFailureKind> = new Set([
  'refused',
  'duplicate',
  'notFound',
  'rulesChanged',
  'ledgerChanged',
]);

function idsOf({ attributes, blacklist }: Pick<Part, 'attributes' | 'blacklist'>): string[] {
  return [...attributes.map(({ id }) => id), ...(blacklist ? [BLACKLIST_FLAG] : [])];
}

function describePart({ attributes, blacklist }: Part): string {
  return describeWrite(attributes, blacklist ? 'on' : undefined);
}

function valuesOf(attributes: readonly AttributeWrite[]): AttributeValues {
  return Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
}

function withValues(contact: Contact, attributes: readonly AttributeWrite[]): Contact {
  const written = Object.fromEntries(attributes.map(({ id, value }) => [id, value]));
  return { ...contact, attributes: { ...contact.attributes, ...written } };
}
