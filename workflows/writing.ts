import type { Contact } from '../consent/contact';
import type { AttributeWrite, ClearAction, WriteAction } from '../consent/decide';
import type { Refusal } from '../consent/outcome';
import { BLACKLIST_FLAG } from '../consent/rules';
import { toSeconds } from '../consent/statement';
import type { AttributeValues, BrevoFailureDetail, Clearing } from './activities-contract';
import { brevoFailure, call, type Urgency } from './brevo-activities';
import type { ContactRecord, Settlement } from './contact-record';
import type { ConsentSyncInput } from './contract';
import { describeWrite } from './narrative';

/** Values that go into one call. */
interface Part {
  readonly attributes: readonly AttributeWrite[];
  readonly blacklist: boolean;
}

/** Tells Brevo what was decided for one contact. */
export class Writing {
  private readonly refused: Refusal[] = [];

  constructor(
    private readonly input: ConsentSyncInput,
    private readonly record: ContactRecord,
    private readonly urgency: Urgency,
  ) {}

  /**
   * One call where Brevo takes it. Where it refuses, withdrawals go once more in a call of their own and then
   * every value by itself, so that one bad value holds back nothing else.
   */
  async write(action: WriteAction): Promise<Settlement> {
    let contact = this.record.state.knowledge?.contact ?? null;
    const whole: Part = { attributes: action.attributes, blacklist: action.blacklist };
    let done = 0;
    const queue: Part[] = [whole];
    for (let part = queue.shift(); part; part = queue.shift()) {
      try {
        contact = contact ? await this.update(contact, part) : await this.create(part);
        done += 1;
      } catch (error) {
        const smaller = split(part);
        const detail = refusalIn(error, contact === null);
        if (smaller.length > 1) queue.unshift(...smaller);
        else this.refuse(part, detail);
      }
    }
    const nothingWritten = action.kind === 'create' ? 'skipped' : 'unchanged';
    return { outcome: done > 0 ? OUTCOME_OF[action.kind] : nothingWritten, refused: this.refused };
  }

  /** Takes the contact off the blacklist if Brevo knows nothing against it; writes the values either way. */
  async clear(contact: Contact, { attributes, terms }: ClearAction): Promise<Settlement> {
    let clearing: Clearing;
    try {
      clearing = await this.callClear(contact, attributes, terms);
    } catch (error) {
      const detail = refusalIn(error, false);
      if (attributes.length === 0) {
        this.refuse({ attributes, blacklist: true }, detail);
        return { outcome: 'unchanged', refused: this.refused };
      }
      await this.write({ kind: 'update', attributes, blacklist: false });
      return this.clear(this.record.state.knowledge?.contact ?? contact, {
        kind: 'clear',
        attributes: [],
        terms,
      });
    }
    return {
      outcome: clearing.result === 'cleared' || attributes.length > 0 ? 'updated' : 'unchanged',
      refused: this.refused,
      ...(clearing.result === 'guarded' && { guarded: 'later_unsubscription' }),
    };
  }

  private async create(part: Part): Promise<Contact> {
    const from = Date.now();
    const { integration, identifier } = this.input;
    const summary = `create: ${describePart(part)}`;
    const { contactId } = await call(
      'createContact',
      { integration, identifier, attributes: valuesOf(part.attributes), emailBlacklisted: part.blacklist },
      { urgency: this.urgency, summary },
    );
    const created = { id: contactId, emailBlacklisted: false, attributes: {} };
    return this.noteWritten('createContact', created, part, from, Date.now());
  }

  private async update(contact: Contact, part: Part): Promise<Contact> {
    const { integration } = this.input;
    const written = await call(
      'updateContact',
      {
        integration,
        contactId: contact.id,
        attributes: valuesOf(part.attributes),
        ...(part.blacklist && { emailBlacklisted: true }),
      },
      { urgency: this.urgency, summary: `update: ${describePart(part)}` },
    );
    return this.noteWritten('updateContact', contact, part, written.from, written.to);
  }

  private async callClear(
    contact: Contact,
    attributes: readonly AttributeWrite[],
    terms: ClearAction['terms'],
  ): Promise<Clearing> {
    const { integration } = this.input;
    const from = Date.now();
    const clearing = await call(
      'clearBlacklist',
      {
        integration,
        contactId: contact.id,
        attributes: valuesOf(attributes),
        terms,
        dryRun: this.record.state.rules?.dryRun ?? false,
      },
      { urgency: this.urgency, summary: `look, then write: ${describeWrite(attributes, 'off')}` },
    );
    this.record.noteCall('clearBlacklist', Date.now(), describeClearing(clearing, attributes));
    const on = clearing.result === 'guarded';
    if (clearing.result === 'guarded') {
      this.record.noteGuarded(terms.optInAt, clearing.unsubscribedAt ?? toSeconds(Date.now()));
    } else {
      this.record.noteCleared();
    }
    this.record.noteWritten(withValues({ ...contact, emailBlacklisted: on }, attributes), from);
    return clearing;
  }

  private noteWritten(activity: string, before: Contact, part: Part, from: number, to: number): Contact {
    const contact = withValues(
      part.blacklist ? { ...before, emailBlacklisted: true } : before,
      part.attributes,
    );
    this.record.noteCall(activity, Date.now(), describePart(part));
    if (part.blacklist) this.noteOwnBlacklisting(from, to);
    this.record.noteWritten(contact, from);
    return contact;
  }

  /** The blacklisting counts since the person chose it, where that is known. */
  private noteOwnBlacklisting(from: number, to: number): void {
    const flag = this.record.wishes().find(({ id }) => id === BLACKLIST_FLAG);
    const seenOffAt = this.record.state.knowledge?.at ?? from;
    this.record.noteOwnBlacklisting({ seenOffAt, from, to }, flag?.inForce.time ?? toSeconds(from));
  }

  private refuse({ attributes, blacklist }: Part, detail: BrevoFailureDetail): void {
    const ids = [...attributes.map(({ id }) => id), ...(blacklist ? [BLACKLIST_FLAG] : [])];
    const { reason, status, code, requestId } = detail;
    const answer = {
      reason,
      ...(status !== undefined && { status }),
      ...(code !== undefined && { code }),
      ...(requestId !== undefined && { requestId }),
    };
    this.refused.push(...(ids.length > 0 ? ids.map((id) => ({ id, ...answer })) : [answer]));
    this.record.noteCall('updateContact', Date.now(), `refused: ${ids.join(', ')}`);
  }
}

const OUTCOME_OF = { create: 'created', update: 'updated' } as const;

function describeClearing({ result }: Clearing, attributes: readonly AttributeWrite[]): string {
  if (result === 'cleared') return describeWrite(attributes, 'off');
  const found = result === 'guarded' ? 'kept on the blacklist' : 'was not on the blacklist';
  return attributes.length === 0 ? found : `${describeWrite(attributes)}; ${found}`;
}

/** First the withdrawals together, then each other value; withdrawals alone fall apart into single values. */
function split({ attributes, blacklist }: Part): Part[] {
  const withdrawals = attributes.filter(({ withdrawal }) => withdrawal);
  const others = attributes.filter(({ withdrawal }) => !withdrawal);
  const alone = (attribute: AttributeWrite): Part => ({ attributes: [attribute], blacklist: false });
  if (others.length > 0) {
    const together = { attributes: withdrawals, blacklist };
    return [...(blacklist || withdrawals.length > 0 ? [together] : []), ...others.map(alone)];
  }
  return [...(blacklist ? [{ attributes: [], blacklist }] : []), ...withdrawals.map(alone)];
}

/** The refusal in an activity's failure; any other failure is thrown on. */
function refusalIn(error: unknown, creating: boolean): BrevoFailureDetail {
  const failure = brevoFailure(error);
  // A create that meets 404 is refused for something it names, such as its list.
  if (failure?.kind === 'refused' || (creating && failure?.kind === 'notFound')) return failure.detail;
  throw error;
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
