import { describe, expect, it } from '@jest/globals';
import type { Refusal } from '../../../consent/outcome';
import { ContactRecord, type Settlement } from '../../../workflows/contact-record';
import { BLACKLISTED, Contacted, event, known, MAIL, NEWS, SUBSCRIBED } from './contacted';

describe('each event is told its own outcome', () => {
  const REFUSED: Refusal = { id: 'NEWS', reason: 'no', status: 400, code: 'invalid_parameter' };

  function settledWith(settlement: Settlement) {
    const contacted = new Contacted();
    const tickets = [event(NEWS, true, 100), event(MAIL, true, 101)].map((one) => contacted.receive(one));
    contacted.look(BLACKLISTED);
    contacted.record.settle(contacted.record.inbox.begin(), settlement, 1_000_000);
    return { contacted, outcomes: tickets.map(({ outcome }) => outcome) };
  }

  it('rejected only where it touches what was refused', () => {
    const { contacted, outcomes } = settledWith({ outcome: 'updated', refused: [REFUSED] });
    expect(outcomes).toEqual(['rejected', 'updated']);
    expect(contacted.record.shownOutcome()).toBe('rejected');
    expect(contacted.record.state.refused).toEqual([{ ...REFUSED, since: '1970-01-01T00:16:40.000Z' }]);
  });

  it('guarded only where it touches the blacklist', () => {
    const { contacted, outcomes } = settledWith({
      outcome: 'updated',
      refused: [],
      guarded: 'later_unsubscription',
    });
    expect(outcomes).toEqual(['updated', 'guarded']);
    expect(contacted.record.shownOutcome()).toBe('guarded');
  });

  it('rejected altogether where Brevo refuses the contact as a whole', () => {
    expect(settledWith({ outcome: 'unchanged', refused: [{ reason: 'no' }] }).outcomes).toEqual([
      'rejected',
      'rejected',
    ]);
  });

  it('and the contact shows held before rejected before guarded before the latest', () => {
    const { contacted } = settledWith({
      outcome: 'updated',
      refused: [REFUSED],
      guarded: 'later_unsubscription',
    });
    const { record } = contacted;
    expect(record.shownOutcome()).toBe('rejected');
    record.hold({ reason: 'the key' }, 0);
    expect(record.shownOutcome()).toBe('held');
    record.settle(
      record.inbox.begin(),
      { outcome: 'unchanged', refused: [], guarded: 'resubscribe_never' },
      0,
    );
    expect(record.shownOutcome()).toBe('guarded');
    record.settle(record.inbox.begin(), { outcome: 'unchanged', refused: [] }, 0);
    expect(record.shownOutcome()).toBe('updated');
  });

  it('and what stays refused is shown since it was first', () => {
    const { contacted } = settledWith({ outcome: 'updated', refused: [REFUSED] });
    contacted.record.settle(contacted.record.inbox.begin(), { outcome: 'updated', refused: [REFUSED] }, 9e9);
    expect(contacted.record.state.refused).toMatchObject([{ since: '1970-01-01T00:16:40.000Z' }]);
  });
});

describe('while the Brevo account is held', () => {
  const TROUBLE: Refusal = { reason: 'the key is not accepted', status: 401 };

  it('everybody who waits is told, and so is who comes then', () => {
    const contacted = new Contacted();
    const before = contacted.receive(event(NEWS, true, 100));
    const round = contacted.record.inbox.begin();
    contacted.record.inbox.reopen(round);
    contacted.record.hold(TROUBLE, 5_000);
    const meanwhile = contacted.receive(event(MAIL, false, 200));
    expect([before.outcome, meanwhile.outcome]).toEqual(['held', 'held']);
    expect(contacted.shown()).toEqual({
      outcome: 'held',
      events: ['event.created e100: held', 'event.created e200: held'],
    });
  });

  it('all of it is still owed, and settled once the account works again', () => {
    const contacted = new Contacted();
    const ticket = contacted.receive(event(MAIL, false, 100));
    contacted.record.inbox.reopen(contacted.record.inbox.begin());
    contacted.record.hold(TROUBLE, 5_000);
    contacted.record.brevo.forget();
    contacted.settle(SUBSCRIBED);
    expect(ticket.outcome).toBe('updated');
    expect(contacted.shown()).toEqual({ outcome: 'updated', events: ['event.created e100: updated'] });
    expect(contacted.record.state.held).toBeUndefined();
  });

  it('it is shown since when', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, true, 100));
    contacted.record.hold(TROUBLE, 5_000);
    contacted.record.hold(TROUBLE, 9_000);
    expect(contacted.record.state.held).toEqual({ ...TROUBLE, since: '1970-01-01T00:00:05.000Z' });
  });
});

describe('what is kept', () => {
  it('is bounded: events, calls and own blacklistings', () => {
    const contacted = known();
    for (let time = 101; time < 300; time += 1) {
      contacted.receive(event(NEWS, time % 2 === 0, time));
      contacted.record.brevo.noteCall('updateContact', time, 'NEWS');
      contacted.blacklist(time, time);
    }
    const { calls, events, memory } = contacted.record.state;
    expect([events.length, calls.length, memory.own.length]).toEqual([50, 30, 8]);
    expect(events.at(-1)?.eventId).toBe('e299');
  });

  it('survives being carried over as JSON, with all that is known', () => {
    const contacted = known(BLACKLISTED);
    contacted.receive(event(MAIL, true, 200));
    contacted.settle(BLACKLISTED);
    const { state } = contacted.record;
    const carried = new ContactRecord(JSON.parse(JSON.stringify(state)));
    expect(carried.state).toEqual(state);
    expect(carried.receive(event(NEWS, true, 100), 0).outcome).toBe('updated');
    expect(carried.receive(event(NEWS, false, 50), 0).outcome).toBe('stale');
  });

  it('counts every change received', () => {
    const contacted = known();
    const before = contacted.record.revision;
    contacted.receive(event(NEWS, true, 100));
    contacted.receive(event(NEWS, false, 50));
    expect(contacted.record.revision).toBe(before + 2);
  });
});
