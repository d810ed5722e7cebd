import { describe, expect, it } from '@jest/globals';
import { type ClearAction, isWithdrawing, type WriteAction } from '../../../consent/decide';
import { BLACKLISTED, Contacted, event, known, MAIL, NEWS, RULES, SUBSCRIBED } from './contacted';

describe('knowing the contact saves a look', () => {
  it('for a newer choice that differs from what Brevo holds', () => {
    const contacted = known();
    contacted.receive(event(NEWS, false, 200));
    expect(contacted.record.wanted.needsLook()).toBe(false);
    expect(contacted.action().kind).toBe('update');
  });

  it('for a withdrawal from mail, which is written at once', () => {
    const contacted = known();
    contacted.receive(event(MAIL, false, 200));
    expect(contacted.record.wanted.needsLook()).toBe(false);
    expect(contacted.record.wanted.hasWithdrawal()).toBe(true);
    contacted.write();
    expect(contacted.record.state.knowledge?.contact?.emailBlacklisted).toBe(true);
  });

  it('for an opt-in of a contact on the blacklist, because clearing it looks itself', () => {
    const contacted = known(BLACKLISTED);
    contacted.receive(event(MAIL, true, 200));
    expect(contacted.record.wanted.needsLook()).toBe(false);
    expect(contacted.action().kind).toBe('clear');
  });

  it('never for a withdrawal chosen anew that equals what we last wrote: it is looked up or written', () => {
    const contacted = known();
    contacted.receive(event(MAIL, false, 200));
    contacted.settle(SUBSCRIBED);
    contacted.receive(event(MAIL, false, 300));
    expect(contacted.record.wanted.needsLook()).toBe(true);
    contacted.receive(event(NEWS, false, 300, { id: 'other' }));
    expect(contacted.record.wanted.needsLook()).toBe(false);
    expect(contacted.action()).toMatchObject({ blacklist: true, attributes: [{ id: 'NEWS', value: false }] });
  });

  it('never for an opt-in of a contact that we saw off the blacklist, because it may be on it now', () => {
    const contacted = known();
    contacted.receive(event(MAIL, true, 200));
    expect(contacted.record.wanted.needsLook()).toBe(true);
    contacted.receive(event(NEWS, false, 201));
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });

  it('never for a contact that Brevo did not have', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, true, 100));
    contacted.look(null);
    contacted.write({ outcome: 'skipped' });
    contacted.record.learn({ contact: null, rules: RULES, rulesVersion: 'v1', targets: [] }, 0, 0);
    contacted.receive(event(NEWS, false, 200));
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });

  it('never while something is refused, because what Brevo takes may have changed', () => {
    const contacted = known();
    contacted.receive(event(NEWS, false, 200));
    contacted.write({ refused: [{ id: 'NEWS', reason: 'no' }] });
    contacted.receive(event(NEWS, true, 300));
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });

  it('never after the contact was lost', () => {
    const contacted = known();
    contacted.record.brevo.forget();
    contacted.receive(event(NEWS, false, 200));
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });

  it('never for a change that was read with other rules', () => {
    const contacted = known();
    const ticket = contacted.receive(event(NEWS, false, 50, { rulesVersion: 'v2' }));
    expect(ticket.outcome).toBeUndefined();
    expect(contacted.record.wanted.needsLook()).toBe(true);
  });
});

describe('what takes something back goes first', () => {
  const writesWithdrawal = (contacted: Contacted): boolean => {
    const action = contacted.action();
    return action.kind !== 'none' && isWithdrawing(action);
  };

  it('also before the rules are known', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, false, 100));
    expect(contacted.record.wanted.hasWithdrawal()).toBe(true);
  });

  it('and not what gives consent', () => {
    const contacted = known();
    contacted.receive(event(NEWS, true, 200));
    expect(contacted.record.wanted.hasWithdrawal()).toBe(false);
  });

  it('in the write after a look too, and not in the look alone', () => {
    const contacted = new Contacted();
    contacted.receive(event(MAIL, false, 100));
    contacted.look(SUBSCRIBED);
    expect(writesWithdrawal(contacted)).toBe(true);
  });

  it('in a write of several values, whichever of them takes something back', () => {
    const contacted = known();
    contacted.receive(event(MAIL, true, 200));
    contacted.receive(event(NEWS, false, 201));
    contacted.look(BLACKLISTED);
    expect(contacted.action().kind).toBe('clear');
    expect(writesWithdrawal(contacted)).toBe(true);
  });

  it('and not a write that gives consent', () => {
    const contacted = new Contacted();
    contacted.receive(event(NEWS, true, 100));
    contacted.look(SUBSCRIBED);
    expect(writesWithdrawal(contacted)).toBe(false);
  });
});

describe('a write that has not begun is overtaken', () => {
  const decided = (contacted: Contacted): WriteAction | ClearAction => {
    const action = contacted.action();
    if (action.kind === 'none') throw new Error('nothing was decided');
    contacted.record.inbox.begin();
    return action;
  };

  it('by nothing, as long as nothing arrives', () => {
    for (const [contact, submitted] of [
      [SUBSCRIBED, event(NEWS, false, 200)],
      [SUBSCRIBED, event(MAIL, false, 200)],
      [BLACKLISTED, event(MAIL, true, 200)],
    ] as const) {
      const contacted = known(contact);
      contacted.receive(submitted);
      expect(contacted.record.wanted.isOvertaken(decided(contacted))).toBe(false);
    }
  });

  it('by a newer choice of the same value', () => {
    const contacted = known();
    contacted.receive(event(NEWS, false, 200));
    const action = decided(contacted);
    contacted.receive(event(NEWS, true, 300));
    expect(contacted.record.wanted.isOvertaken(action)).toBe(true);
  });

  it('when it clears the blacklist, by a newer opt-out', () => {
    const contacted = known(BLACKLISTED);
    contacted.receive(event(MAIL, true, 200));
    const action = decided(contacted);
    expect(action.kind).toBe('clear');
    contacted.receive(event(MAIL, false, 300));
    expect(contacted.record.wanted.isOvertaken(action)).toBe(true);
  });

  it('when it creates a contact off the blacklist, by a newer opt-out', () => {
    const contacted = new Contacted();
    contacted.receive(event(MAIL, true, 100));
    contacted.look(null);
    const action = decided(contacted);
    contacted.receive(event(MAIL, false, 200));
    expect(contacted.record.wanted.isOvertaken(action)).toBe(true);
  });

  it('not by an older choice, nor by the same one told again', () => {
    const contacted = known();
    contacted.receive(event(NEWS, false, 200));
    const action = decided(contacted);
    contacted.receive(event(NEWS, true, 150));
    contacted.receive(event(NEWS, false, 200));
    expect(contacted.record.wanted.isOvertaken(action)).toBe(false);
  });

  it('by the loss of what we knew of the contact', () => {
    const contacted = known();
    contacted.receive(event(NEWS, false, 200));
    const action = decided(contacted);
    contacted.record.brevo.forget();
    expect(contacted.record.wanted.isOvertaken(action)).toBe(true);
  });
});
