import { describe, expect, it } from '@jest/globals';
import { Contacted, change, event, known, MAIL, NEWS, SUBSCRIBED, userRecord } from './contacted';

describe('a change without statements', () => {
  const TOLD = { ...change([], { id: 'moved', type: 'user.updated' }), movedAway: true as const };

  it('is told in the story as unchanged, costs no call, and is not stale', () => {
    const contacted = known();
    const { knowledge } = contacted.record.state;
    expect(contacted.receive(TOLD).outcome).toBe('unchanged');
    expect(contacted.record.inbox.owesSomething()).toBe(false);
    expect(contacted.record.state.knowledge).toBe(knowledge);
    expect(contacted.shown().events.at(-1)).toBe('user.updated moved: unchanged');
    expect(contacted.record.state.events.at(-1)).toMatchObject({ movedAway: true });
  });

  it('does not wait for others, nor make them anything else', () => {
    const contacted = new Contacted();
    const ticket = contacted.receive(event(NEWS, true, 100));
    expect(contacted.receive({ ...TOLD, rulesVersion: 'v2' }).outcome).toBe('unchanged');
    contacted.settle(SUBSCRIBED);
    expect(ticket.outcome).toBe('updated');
    expect(contacted.shown().outcome).toBe('updated');
  });

  it('leaves nothing to remember where nothing else was said', () => {
    const contacted = new Contacted();
    expect(contacted.record.closesAt()).toBe(0);
    contacted.receive(TOLD);
    expect(contacted.receive(TOLD).outcome).toBe('unchanged');
    expect(contacted.record.closesAt()).toBe(1_000_000);
    expect(contacted.shown().events).toEqual(['user.updated moved: unchanged']);
    contacted.receive(event(NEWS, true, 100));
    expect(contacted.record.closesAt()).toBeUndefined();
  });
});

describe('a change', () => {
  it('is looked up, written and settled with what became of it', () => {
    const contacted = new Contacted();
    const ticket = contacted.receive(event(NEWS, true, 100));
    expect(ticket.outcome).toBeUndefined();
    expect(contacted.record.wanted.needsLook()).toBe(true);
    contacted.look(SUBSCRIBED);
    expect(contacted.record.wanted.needsLook()).toBe(false);
    expect(ticket.outcome).toBeUndefined();
    contacted.write();
    expect(ticket.outcome).toBe('updated');
    expect(contacted.record.inbox.owesSomething()).toBe(false);
    expect(contacted.shown()).toEqual({ outcome: 'updated', events: ['event.created e100: updated'] });
  });

  it('that Brevo held already is unchanged', () => {
    const contacted = new Contacted();
    const ticket = contacted.receive(event(NEWS, true, 100));
    contacted.settle({ ...SUBSCRIBED, attributes: { NEWS: true } });
    expect(ticket.outcome).toBe('unchanged');
  });

  it('that is older than what is in force is stale, costs no call and changes nothing', () => {
    const contacted = known();
    const ticket = contacted.receive(event(NEWS, false, 50));
    expect(ticket.outcome).toBe('stale');
    expect(contacted.record.inbox.owesSomething()).toBe(false);
    expect(contacted.shown().outcome).toBe('stale');
    expect(contacted.record.wanted.wishes()).toMatchObject([{ id: 'NEWS', value: true }]);
  });

  it('that is stale is shown as stale while newer ones are still being written', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, true, 100));
    expect(contacted.receive(event(NEWS, false, 50)).outcome).toBe('stale');
    contacted.settle(SUBSCRIBED);
    expect(contacted.shown()).toEqual({
      outcome: 'updated',
      events: ['event.created e100: updated', 'event.created e50: stale'],
    });
  });

  it('that comes with several others is settled with them in one write', () => {
    const contacted = new Contacted();
    const tickets = [event(NEWS, true, 100), event(MAIL, false, 101), event(NEWS, false, 102)].map((one) =>
      contacted.receive(one),
    );
    contacted.look(SUBSCRIBED);
    contacted.write();
    expect(tickets.map(({ outcome }) => outcome)).toEqual(['updated', 'updated', 'updated']);
    expect(contacted.record.state.knowledge?.contact).toMatchObject({
      emailBlacklisted: true,
      attributes: { NEWS: false },
    });
  });

  it('that arrives while another is being written waits for the next round', () => {
    const contacted = known();
    const first = contacted.receive(event(NEWS, false, 200));
    const round = contacted.record.inbox.begin();
    const second = contacted.receive(event(NEWS, true, 300));
    contacted.record.settle(round, { outcome: 'updated', refused: [] }, 0);
    expect(first.outcome).toBe('updated');
    expect(second.outcome).toBeUndefined();
    expect(contacted.record.inbox.owesSomething()).toBe(true);
  });

  it('whose round came to nothing is still owed', () => {
    const contacted = known();
    const ticket = contacted.receive(event(NEWS, false, 200));
    contacted.record.inbox.reopen(contacted.record.inbox.begin());
    expect(contacted.record.inbox.owesSomething()).toBe(true);
    expect(contacted.record.state.unseen).toEqual([NEWS]);
    contacted.settle(SUBSCRIBED);
    expect(ticket.outcome).toBe('updated');
  });

  it('that takes the only choice back leaves nothing to be written', () => {
    const contacted = known();
    const retraction = { eventId: 'e100', known: 200 };
    const ticket = contacted.receive(
      change([{ regulation: 'gdpr', path: NEWS, user: 'u', retraction }], { type: 'event.updated' }),
    );
    contacted.settle({ ...SUBSCRIBED, attributes: { NEWS: true } });
    expect(ticket.outcome).toBe('unchanged');
    expect(contacted.record.wanted.wishes()).toEqual([]);
  });
});

describe('a doubled message', () => {
  it('changes nothing that is shown, once everything is settled', () => {
    const contacted = known();
    contacted.receive(event(NEWS, false, 50));
    const before = contacted.shown();
    const again = [event(NEWS, true, 100), event(NEWS, false, 50)].map((one) => contacted.receive(one));
    expect(again.map(({ outcome }) => outcome)).toEqual(['updated', 'stale']);
    expect(contacted.shown()).toEqual(before);
    expect(contacted.record.inbox.owesSomething()).toBe(false);
  });

  it('is settled with the first one when that still waits', () => {
    const contacted = new Contacted();
    const tickets = [1, 2].map(() => contacted.receive(event(NEWS, true, 100)));
    expect(tickets.map(({ outcome }) => outcome)).toEqual([undefined, undefined]);
    contacted.settle(SUBSCRIBED);
    expect(tickets.map(({ outcome }) => outcome)).toEqual(['updated', 'updated']);
    expect(contacted.shown().events).toEqual(['event.created e100: updated']);
  });

  it('lets the contact be remembered from then on', () => {
    const contacted = known();
    contacted.now = 5_000;
    contacted.receive(event(NEWS, true, 100));
    expect(contacted.record.state.lastEventAt).toBe(5_000_000);
  });

  it('changes nothing that is shown of its event while another one waits', () => {
    const contacted = known();
    contacted.receive(event(MAIL, true, 200));
    contacted.receive(event(NEWS, true, 100));
    contacted.settle({ ...SUBSCRIBED, attributes: { NEWS: true } });
    expect(contacted.shown().events).toEqual([
      'event.created e100: updated',
      'event.created e200: unchanged',
    ]);
  });

  it('is not called settled while the first one is being written', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, true, 100));
    contacted.record.inbox.begin();
    expect(contacted.receive(event(NEWS, true, 100)).outcome).toBeUndefined();
  });

  it('of another type is a message of its own', () => {
    const contacted = known();
    contacted.receive(event(NEWS, true, 100, { type: 'event.updated' }));
    expect(contacted.shown().events).toEqual([
      'event.created e100: updated',
      'event.updated e100: unchanged',
    ]);
  });

  it('that says something new all the same is taken as new', () => {
    const contacted = known();
    const ticket = contacted.receive(event(NEWS, false, 200, { id: 'e100' }));
    contacted.settle(SUBSCRIBED);
    expect(ticket.outcome).toBe('updated');
  });
});

describe('one fact that Didomi tells in an event and in a user record', () => {
  it.each([
    ['the event first', [event(NEWS, true, 100), userRecord(NEWS, true, 100)]],
    ['the record first', [userRecord(NEWS, true, 100), event(NEWS, true, 100)]],
  ])('is one write: %s', (_, messages) => {
    const contacted = new Contacted();
    const tickets = messages.map((one) => contacted.receive(one));
    contacted.look(SUBSCRIBED);
    contacted.write();
    expect(tickets.map(({ outcome }) => outcome)).toEqual(['updated', 'updated']);
    expect(contacted.record.inbox.owesSomething()).toBe(false);
    expect(contacted.record.wanted.wishes()).toMatchObject([{ value: true, inForce: { time: 100 } }]);
  });

  it('costs no further look when the record comes later but is older than our write', () => {
    const contacted = known();
    const ticket = contacted.receive(userRecord(NEWS, true, 100));
    expect(ticket.outcome).toBe('unchanged');
    expect(contacted.record.inbox.owesSomething()).toBe(false);
  });

  it('is looked up again when the record was made after our write, because Brevo may have changed', () => {
    const contacted = known();
    const ticket = contacted.receive(userRecord(NEWS, true, contacted.now + 1));
    expect(ticket.outcome).toBeUndefined();
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });

  it('is not called settled for the record while the event is being written', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, true, 100));
    contacted.look(SUBSCRIBED);
    contacted.record.inbox.begin();
    expect(contacted.receive(userRecord(NEWS, true, 100)).outcome).toBeUndefined();
  });
});
