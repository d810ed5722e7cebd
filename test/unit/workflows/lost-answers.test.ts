import { describe, expect, it } from '@jest/globals';
import { Contacted, event, known, NEWS, SUBSCRIBED } from './contacted';

describe('a write whose answer is lost', () => {
  function givenUp(): Contacted {
    const contacted = known();
    contacted.receive(event(NEWS, false, 200));
    const round = contacted.record.inbox.begin();
    contacted.record.brevo.beginWrite(['NEWS']);
    contacted.record.brevo.giveUp(1_000_000);
    contacted.record.brevo.forget();
    contacted.record.inbox.reopen(round);
    return contacted;
  }

  it('is made again, even where Brevo seems to hold the value', () => {
    const contacted = givenUp();
    contacted.look({ ...SUBSCRIBED, attributes: { NEWS: false } });
    expect(contacted.action()).toMatchObject({ kind: 'update', attributes: [{ id: 'NEWS', value: false }] });
    contacted.write();
    expect(contacted.record.wanted.anew().size).toBe(0);
  });

  it('is looked at once more after a minute, when Brevo can no longer carry it out, and not before', () => {
    const contacted = givenUp();
    contacted.settle(SUBSCRIBED);
    expect(contacted.record.closesAt()).toBeUndefined();
    contacted.record.recheckIfDue(1_059_999);
    expect(contacted.record.inbox.owesSomething()).toBe(false);
    contacted.record.recheckIfDue(1_060_000);
    expect(contacted.record.inbox.owesSomething()).toBe(true);
    expect(contacted.record.wanted.needsLook()).toBe(true);
    contacted.settle({ ...SUBSCRIBED, attributes: { NEWS: false } });
    expect(contacted.shown().outcome).toBe('updated');
    expect(contacted.record.closesAt()).toBeDefined();
  });

  it('is made good where the look after a minute shows that Brevo carried out something else', () => {
    const contacted = givenUp();
    contacted.settle(SUBSCRIBED);
    contacted.record.recheckIfDue(1_060_000);
    contacted.look({ ...SUBSCRIBED, attributes: { NEWS: true } });
    expect(contacted.record.inbox.owesSomething()).toBe(true);
    expect(contacted.action()).toMatchObject({ kind: 'update', attributes: [{ id: 'NEWS', value: false }] });
    contacted.write();
    expect(contacted.record.inbox.owesSomething()).toBe(false);
  });

  it('is still owed after a new run has begun, although nobody waits for it there', () => {
    const { record } = givenUp();
    const carried = new Contacted(JSON.parse(JSON.stringify(record.state)));
    carried.look(SUBSCRIBED);
    const twice = new Contacted(JSON.parse(JSON.stringify(carried.record.state)));
    expect(twice.record.inbox.owesSomething()).toBe(true);
    expect(twice.record.wanted.needsLook()).toBe(false);
    twice.write();
    expect(twice.record.state.knowledge?.contact?.attributes).toEqual({ NEWS: false });
    expect(twice.record.inbox.owesSomething()).toBe(false);
  });
});

describe('the contact in Brevo', () => {
  const EMAIL = { kind: 'email', value: 'ada@example.com' } as const;

  it('is looked up by its numeric id once that is known, until Brevo has none of it', () => {
    const contacted = new Contacted();
    const { brevo } = contacted.record;
    expect(brevo.identifier(EMAIL)).toEqual(EMAIL);
    contacted.look(SUBSCRIBED);
    expect(brevo.identifier(EMAIL)).toEqual({ kind: 'contact_id', value: '7' });
    brevo.forgetId();
    expect(brevo.identifier(EMAIL)).toEqual(EMAIL);
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });
});
