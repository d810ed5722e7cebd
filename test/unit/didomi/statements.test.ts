import { describe, expect, it } from '@jest/globals';
import { inForce, mergeStatements } from '../../../consent/consent-state';
import { type Statement, toSeconds } from '../../../consent/statement';
import { readMessage } from '../../../didomi/message';
import { type Reading, readStatements } from '../../../didomi/statements';
import { eventCreated, eventUpdated, USER_ID, userCreated, userUpdated } from './didomi-messages';
import { NOW } from './rules';

const NEWSLETTER = 'consents_purposes_newsletter_enabled';
const PROFILING = 'consents_purposes_profiling_enabled';
const TOPICS = 'consents_purposes_newsletter_values_topics_fr_value';

const seconds = (iso: string) => toSeconds(Date.parse(iso));
const RECEIVED = toSeconds(NOW);
const MINUTE = 60_000;
/** ISO text of a time so many ms after receipt. */
const ahead = (milliseconds: number) => new Date(NOW + milliseconds).toISOString();

function read(message: unknown, paths: readonly string[] = [NEWSLETTER], receivedAt = NOW): Reading {
  const understood = readMessage(message);
  const { type } = understood;
  if (type === 'unknown' || type === 'event.deleted' || type === 'user.deleted') throw new Error('no');
  return readStatements(understood, paths, receivedAt);
}

/** What a message says of the newsletter: its choice, its snapshot, its retraction. */
function saidOf(
  message: unknown,
  path = NEWSLETTER,
): Partial<Record<'choice' | 'snapshot' | 'retraction', object>> {
  const { statements } = read(message, [path]);
  return Object.assign({}, ...statements.map(({ regulation: _, path: __, user: ___, ...said }) => said));
}

interface EventFields {
  created?: string;
  updated?: string | undefined;
  status?: string;
  purposes?: object[] | null;
}

function event({
  created = '2026-03-04T09:00:00Z',
  updated,
  status = 'confirmed',
  purposes,
}: EventFields = {}) {
  return {
    id: 'E',
    created_at: created,
    ...(updated !== undefined && { updated_at: updated }),
    status,
    user: { id: 'U', organization_user_id: 'ana@example.com' },
    ...(purposes !== null && { consents: { purposes: purposes ?? [{ id: 'newsletter', enabled: true }] } }),
  };
}
const newsletter = (enabled: boolean | null) => [{ id: 'newsletter', enabled }];
const created = (fields: EventFields) => ({ type: 'event.created', parameters: { entity: event(fields) } });
const patched = (before: EventFields | undefined, now: EventFields) => ({
  type: 'event.updated',
  parameters: { ...(before && { old_entity: event(before) }), new_entity: event(now) },
});

describe('an event that was created', () => {
  it('makes a choice of each mapped value, at its created_at, known since its updated_at', () => {
    const { statements } = read(eventCreated(), [NEWSLETTER, TOPICS, PROFILING, 'country']);
    const subject = { regulation: 'gdpr', user: USER_ID };
    const at = seconds('2026-03-04T09:15:02Z');
    const choice = { at, known: at, eventId: eventCreated().parameters.entity.id };
    expect(statements).toEqual([
      { ...subject, path: NEWSLETTER, choice: { ...choice, value: true } },
      { ...subject, path: TOPICS, choice: { ...choice, value: 'sport,culture' } },
      { ...subject, path: 'country', choice: { ...choice, value: 'FR' } },
    ]);
  });

  it('is known since we received it where it has no updated_at', () => {
    expect(saidOf(created({}))).toEqual({
      choice: { value: true, at: seconds('2026-03-04T09:00:00Z'), known: RECEIVED, eventId: 'E' },
    });
  });

  it('backdated, is known since Didomi has it', () => {
    const message = created({ created: '2020-01-01T00:00:00Z', updated: '2026-03-04T09:00:00Z' });
    expect(saidOf(message).choice).toMatchObject({
      at: seconds('2020-01-01T00:00:00Z'),
      known: seconds('2026-03-04T09:00:00Z'),
    });
  });

  it('counts in whole seconds', () => {
    const message = created({ created: '2026-03-04T09:00:00.999Z', updated: '2026-03-04T09:00:01.999Z' });
    expect(saidOf(message).choice).toMatchObject({
      at: seconds('2026-03-04T09:00:00Z'),
      known: seconds('2026-03-04T09:00:01Z'),
    });
  });

  it('says nothing by null or by what is missing, and "false" by false', () => {
    expect(saidOf(created({ purposes: newsletter(null) }))).toEqual({});
    expect(saidOf(created({ purposes: [] }))).toEqual({});
    expect(saidOf(created({ purposes: null }))).toEqual({});
    expect(saidOf(created({ purposes: newsletter(false) })).choice).toMatchObject({ value: false });
  });

  it('without a Didomi user speaks for nobody else', () => {
    const { user: _, ...entity } = event();
    const { statements } = read({ type: 'event.created', parameters: { entity } });
    expect(statements).toMatchObject([{ user: '' }]);
  });

  it('says nothing of a path with two answers, and says that', () => {
    const purposes = [...newsletter(true), ...newsletter(false), { id: 'profiling', enabled: false }];
    const reading = read(created({ purposes }), [NEWSLETTER, PROFILING]);
    expect(reading.statements).toMatchObject([{ path: PROFILING }]);
    expect(reading.ambiguous).toEqual([NEWSLETTER]);
  });
});

describe('an event that was updated', () => {
  const then = { created: '2026-03-04T09:00:00Z', updated: '2026-03-04T09:00:00Z' };
  const now = { created: '2026-03-04T09:00:00Z', updated: '2026-03-06T12:00:00Z' };
  const AT_CREATION = { at: seconds(then.created), known: seconds(now.updated), eventId: 'E' };
  const AT_UPDATE = { at: seconds(now.updated), known: seconds(now.updated), eventId: 'E' };

  it('confirmed after it waited for approval, took effect when it was confirmed', () => {
    const at = seconds('2026-03-05T18:40:11Z');
    expect(saidOf(eventUpdated())).toEqual({
      choice: { value: true, at, known: at, eventId: '6f0c7a52-1001' },
    });
  });

  it('confirmed, took effect then even where the pending one came without its consents', () => {
    const message = patched({ ...then, status: 'pending_approval', purposes: null }, now);
    expect(saidOf(message).choice).toEqual({ value: true, ...AT_UPDATE });
  });

  it('dates anew what it changed, and leaves alone what it left alone', () => {
    const profiling = { id: 'profiling', enabled: true };
    const message = patched(
      { ...then, purposes: [...newsletter(false), profiling] },
      { ...now, purposes: [...newsletter(true), profiling] },
    );
    expect(saidOf(message).choice).toEqual({ value: true, ...AT_UPDATE });
    expect(saidOf(message, PROFILING).choice).toEqual({ value: true, ...AT_CREATION });
  });

  it('cannot make an old opt-in look new by altering only proofs or the delegate', () => {
    expect(saidOf(patched(then, now)).choice).toEqual({ value: true, ...AT_CREATION });
  });

  it('dates anew a value that was added', () => {
    expect(saidOf(patched({ ...then, purposes: [] }, now)).choice).toEqual({ value: true, ...AT_UPDATE });
    expect(saidOf(patched({ ...then, purposes: newsletter(null) }, now)).choice).toMatchObject(AT_UPDATE);
  });

  it('without its old record took effect now for an opt-out, and when it was created for all else', () => {
    for (const before of [undefined, { ...then, purposes: null }]) {
      expect(saidOf(patched(before, now)).choice).toEqual({ value: true, ...AT_CREATION });
      expect(saidOf(patched(before, { ...now, purposes: newsletter(false) })).choice).toEqual({
        value: false,
        ...AT_UPDATE,
      });
    }
  });

  it('whose old record answered in two ways is new for an opt-out only', () => {
    const before = { ...then, purposes: [...newsletter(true), ...newsletter(false)] };
    expect(saidOf(patched(before, now)).choice).toEqual({ value: true, ...AT_CREATION });
    expect(saidOf(patched(before, { ...now, purposes: newsletter(false) })).choice).toEqual({
      value: false,
      ...AT_UPDATE,
    });
  });

  it('without updated_at took effect on receipt for an opt-out, and when it was created for all else', () => {
    const undated = { created: then.created };
    const before = { ...then, purposes: [] };
    expect(saidOf(patched(before, undated)).choice).toMatchObject({ at: seconds(then.created) });
    expect(saidOf(patched(before, { ...undated, purposes: newsletter(false) })).choice).toMatchObject({
      at: RECEIVED,
      known: RECEIVED,
    });
  });

  it('from which a value was removed takes it back', () => {
    const retraction = { eventId: 'E', known: seconds(now.updated) };
    for (const purposes of [[], newsletter(null), [{ id: 'profiling', enabled: true }]]) {
      for (const enabled of [true, false]) {
        const message = patched({ ...then, purposes: newsletter(enabled) }, { ...now, purposes });
        expect(saidOf(message)).toEqual({ retraction });
      }
    }
  });

  it('that comes without any consents takes no opt-out back, because it may be incomplete', () => {
    const incomplete = { ...now, purposes: null };
    expect(saidOf(patched({ ...then, purposes: newsletter(false) }, incomplete))).toEqual({});
    expect(saidOf(patched(then, incomplete))).toHaveProperty('retraction');
  });

  it('that waits for approval again takes back what it had said', () => {
    const pending = { ...now, status: 'pending_approval' };
    const retraction = { eventId: 'E', known: seconds(now.updated) };
    for (const enabled of [true, false]) {
      const purposes = newsletter(enabled);
      expect(saidOf(patched({ ...then, purposes }, { ...pending, purposes }))).toEqual({ retraction });
    }
  });

  it('takes back nothing that it says in two ways now', () => {
    const twice = { ...now, purposes: [...newsletter(true), ...newsletter(false)] };
    expect(saidOf(patched({ ...then, purposes: newsletter(false) }, twice))).toEqual({});
  });

  it('takes back nothing that it had not said', () => {
    expect(saidOf(patched({ ...then, purposes: [] }, { ...now, purposes: [] }))).toEqual({});
    const neverCounted = { ...then, status: 'pending_approval' };
    expect(saidOf(patched(neverCounted, { ...now, purposes: [] }))).toEqual({});
  });
});

describe('a user record', () => {
  it('that was created is a snapshot, as of its updated_at', () => {
    const { statements } = read(userCreated(), [
      NEWSLETTER,
      TOPICS,
      'country',
      'last_seen_country',
      'metadata_tier',
    ]);
    const subject = { regulation: 'gdpr', user: 'c2a1b0d4-2002' };
    const asOf = seconds('2026-03-04T09:15:02Z');
    expect(statements).toEqual([
      { ...subject, path: NEWSLETTER, snapshot: { value: true, asOf } },
      { ...subject, path: TOPICS, snapshot: { value: 'sport,culture', asOf } },
      { ...subject, path: 'last_seen_country', snapshot: { value: 'FR', asOf } },
      { ...subject, path: 'metadata_tier', snapshot: { value: 'gold', asOf } },
    ]);
  });

  it('that was updated is a snapshot, and a choice of what changed: at its source, known since the update', () => {
    const asOf = seconds('2026-04-01T07:00:01Z');
    expect(saidOf(userUpdated())).toEqual({
      choice: { value: false, at: seconds('2026-04-01T07:00:00Z'), known: asOf, eventId: '0b7d9e10-3003' },
      snapshot: { value: false, asOf },
    });
  });

  const without = (...fields: string[]) => {
    const message = userUpdated();
    for (const field of fields) {
      const [holder = '', key = ''] = field.includes('.') ? field.split('.') : ['', field];
      const parameters: Record<string, unknown> = message.parameters;
      delete (holder ? (parameters[holder] as Record<string, unknown>) : parameters)[key];
    }
    return message;
  };
  const AS_OF = seconds('2026-04-01T07:00:01Z');
  const OF_THE_REVISION = { value: false, at: AS_OF, known: AS_OF, eventId: 'c2a1b0d4-2002@5' };

  it('without a usable source, changed when it was updated', () => {
    expect(saidOf(without('source')).choice).toEqual(OF_THE_REVISION);
    expect(saidOf(without('source.created_at')).choice).toEqual(OF_THE_REVISION);
    expect(saidOf(without('source.id')).choice).toEqual(OF_THE_REVISION);
  });

  it('without its old record, or without the consents of that, is a snapshot only', () => {
    for (const field of ['old_entity', 'old_entity.consents']) {
      expect(saidOf(without(field))).toEqual({ snapshot: { value: false, asOf: AS_OF } });
    }
  });

  it('makes no choice of what it left alone', () => {
    const message = userUpdated();
    message.parameters.old_entity.consents.purposes = message.parameters.new_entity.consents.purposes;
    expect(saidOf(message)).toEqual({ snapshot: { value: false, asOf: AS_OF } });
  });

  it.each([true, false])('whose old record answered in two ways chose only an opt-out: %j', (enabled) => {
    const message = userUpdated();
    message.parameters.old_entity.consents.purposes = [...newsletter(true), ...newsletter(false)] as never;
    message.parameters.new_entity.consents.purposes = newsletter(enabled) as never;
    const said = saidOf(message);
    expect(said.snapshot).toEqual({ value: enabled, asOf: AS_OF });
    expect('choice' in said).toBe(!enabled);
  });

  it('by what is absent from it says nothing, not even that something was taken back', () => {
    const message = userUpdated();
    message.parameters.new_entity.consents.purposes = [];
    expect(saidOf(message)).toEqual({});
  });

  it('belongs to the regulation of its message', () => {
    const { statements } = read({ ...userUpdated(), regulation: 'cpra' });
    expect(statements.every(({ regulation }) => regulation === 'cpra')).toBe(true);
  });
});

describe('a clock that is ahead of ours', () => {
  const no = newsletter(false);

  it('is believed up to five minutes', () => {
    const message = created({ created: ahead(5 * MINUTE), updated: ahead(5 * MINUTE) });
    expect(saidOf(message).choice).toMatchObject({ at: RECEIVED + 300, known: RECEIVED + 300 });
  });

  it('beyond that lets an opt-out count as of receipt, and nothing else', () => {
    const later = ahead(5 * MINUTE + 1);
    const purposes = [...no, { id: 'profiling', enabled: true }];
    const reading = read(created({ created: later, updated: later, purposes }), [NEWSLETTER, PROFILING]);
    expect(reading.statements).toMatchObject([
      { path: NEWSLETTER, choice: { value: false, at: RECEIVED, known: RECEIVED } },
    ]);
    expect(reading.future).toBe(true);
  });

  it('for an empty preference is an opt-out too', () => {
    const purposes = [{ id: 'newsletter', values: { topics_fr: { value: '' } } }];
    expect(saidOf(created({ created: ahead(MINUTE * 60), purposes }), TOPICS).choice).toMatchObject({
      value: '',
      at: RECEIVED,
    });
  });

  it('only in updated_at makes that count as of receipt', () => {
    const fields = { created: '2026-03-04T09:00:00Z', updated: ahead(60 * MINUTE) };
    expect(saidOf(created(fields)).choice).toMatchObject({
      value: true,
      at: seconds(fields.created),
      known: RECEIVED,
    });
    expect(saidOf(patched({ ...fields, purposes: no }, fields)).choice).toMatchObject({
      value: true,
      at: RECEIVED,
      known: RECEIVED,
    });
    expect(saidOf(patched(fields, { ...fields, purposes: [] })).retraction).toMatchObject({
      known: RECEIVED,
    });
  });

  it('in the created_at of an updated event counts like that of a created one', () => {
    const fields = { created: ahead(60 * MINUTE), updated: ahead(60 * MINUTE) };
    expect(saidOf(patched({ ...fields, purposes: no }, fields))).toEqual({});
    expect(saidOf(patched(fields, { ...fields, purposes: no })).choice).toMatchObject({
      value: false,
      at: RECEIVED,
    });
  });

  it('in a user record makes it count as of receipt', () => {
    const message = userCreated();
    message.parameters.entity.updated_at = ahead(60 * MINUTE);
    expect(saidOf(message)).toEqual({ snapshot: { value: true, asOf: RECEIVED } });
  });

  it('in the source of a user.updated lets nothing but opt-outs count', () => {
    const message = userUpdated();
    message.parameters.source.created_at = ahead(60 * MINUTE);
    expect(saidOf(message)).toMatchObject({
      choice: { value: false, at: RECEIVED },
      snapshot: { value: false, asOf: AS_OF_UPDATE },
    });
    message.parameters.old_entity.consents.purposes = newsletter(false) as never;
    message.parameters.new_entity.consents.purposes = newsletter(true) as never;
    expect(saidOf(message)).toEqual({});
    expect(read(message).future).toBe(true);
  });
  const AS_OF_UPDATE = seconds('2026-04-01T07:00:01Z');
});

describe('a story that Didomi tells in several messages ends the same in any order', () => {
  const everyOrder = <T>(items: readonly T[]): T[][] =>
    items.length < 2
      ? [[...items]]
      : items.flatMap((item, index) => everyOrder(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));

  function endsWith(messages: unknown[]) {
    const statements = messages.map((message) => read(message).statements);
    const ends = everyOrder(statements).map((order) =>
      inForce(mergeStatements([], order.flat() as Statement[]), NEWSLETTER),
    );
    for (const end of ends) expect(end).toEqual(ends[0]);
    return ends[0];
  }
  const asUser = (value: boolean, asOf: string) => ({
    type: 'user.created',
    parameters: {
      entity: {
        id: 'U',
        organization_user_id: 'ana@example.com',
        updated_at: asOf,
        consents: { purposes: newsletter(value) },
      },
    },
  });
  const then = { created: '2026-03-04T09:00:00Z', updated: '2026-03-04T09:00:00Z' };

  it('one fact in an event and in a user record is one fact, with its time', () => {
    expect(endsWith([created(then), asUser(true, then.updated)])).toMatchObject({
      value: true,
      time: seconds(then.created),
      eventId: 'E',
    });
  });

  it('an opt-in, patched to an opt-out', () => {
    const now = { ...then, updated: '2026-03-05T09:00:00Z', purposes: newsletter(false) };
    expect(endsWith([created(then), patched(then, now), asUser(false, now.updated)])).toMatchObject({
      value: false,
      time: seconds(now.updated),
    });
  });

  it('an opt-in, patched to an opt-out at a time that lies before the event: by a clock that was a little ahead', () => {
    const ahead = { created: '2026-03-04T09:03:00Z', updated: '2026-03-04T09:00:00Z' };
    const now = { ...ahead, updated: '2026-03-04T09:01:00Z', purposes: newsletter(false) };
    const expected = { value: false, time: seconds(ahead.created) };
    expect(endsWith([created(ahead), patched(ahead, now)])).toMatchObject(expected);
    expect(endsWith([created(ahead), patched(undefined, now)])).toMatchObject(expected);
  });

  it('an opt-out that a patch of proofs alone does not make new against a later opt-in', () => {
    const no = { ...then, purposes: newsletter(false) };
    const proofs = { ...no, updated: '2026-03-07T09:00:00Z' };
    const later = { created: '2026-03-06T09:00:00Z', updated: '2026-03-06T09:00:00Z' };
    const optIn = { type: 'event.created', parameters: { entity: { ...event(later), id: 'F' } } };
    expect(endsWith([created(no), patched(no, proofs), optIn])).toMatchObject({ value: true, eventId: 'F' });
  });

  it('an opt-in that waited, was confirmed and waits again leaves the opt-out before it', () => {
    const waiting = { ...then, status: 'pending_approval' };
    const confirmed = { ...then, updated: '2026-03-05T09:00:00Z' };
    const waitingAgain = { ...waiting, updated: '2026-03-06T09:00:00Z' };
    const before = {
      created: '2026-03-01T00:00:00Z',
      updated: '2026-03-01T00:00:00Z',
      purposes: newsletter(false),
    };
    const optOut = { type: 'event.created', parameters: { entity: { ...event(before), id: 'D' } } };
    expect(endsWith([optOut, patched(waiting, confirmed), patched(confirmed, waitingAgain)])).toMatchObject({
      value: false,
      eventId: 'D',
    });
  });
});
