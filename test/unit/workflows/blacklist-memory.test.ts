import { describe, expect, it } from '@jest/globals';
import { forbiddingUnsubscription } from '../../../consent/clearing';
import { BLACKLISTED, Contacted, event, known, MAIL, SUBSCRIBED, userRecord } from './contacted';

describe('what is remembered of the blacklist', () => {
  const memory = (contacted: Contacted) => contacted.record.state.memory;
  const OWN = { seenOffAt: 1_000_000, from: 1_100_000, to: 1_100_005 };

  it('that others put the contact there, since we saw it', () => {
    const contacted = known(BLACKLISTED);
    expect(memory(contacted)).toEqual({ own: [], on: { since: 1_000, byUs: false } });
    contacted.now = 2_000;
    contacted.look(BLACKLISTED);
    expect(memory(contacted).on).toEqual({ since: 1_000, byUs: false });
  });

  it('that we put it there, since the person chose it', () => {
    const contacted = known();
    contacted.blacklist(OWN.from, 200);
    expect(memory(contacted)).toEqual({ own: [OWN], on: { since: 200, byUs: true } });
  });

  it('nothing, once it is seen off it or taken off it', () => {
    const contacted = known(BLACKLISTED);
    contacted.look(SUBSCRIBED);
    expect(memory(contacted)).toEqual({ own: [] });
    contacted.blacklist(OWN.from, 200);
    contacted.record.brevo.noteOffBlacklist();
    expect(memory(contacted)).toEqual({ own: [OWN] });
  });

  it('which opt-in Brevo told us to be overtaken', () => {
    const contacted = known(BLACKLISTED);
    contacted.record.brevo.noteGuarded(200, 300);
    expect(memory(contacted)).toMatchObject({ on: { since: 300, byUs: false }, refusedOptIn: 200 });
    contacted.receive(event(MAIL, true, 200));
    contacted.settle(BLACKLISTED);
    expect(contacted.shown()).toMatchObject({ outcome: 'guarded' });
  });

  it("an unsubscription of the person's own does not become ours when we write the same again", () => {
    const contacted = known(BLACKLISTED);
    contacted.blacklist(OWN.from, 200);
    expect(memory(contacted).on).toEqual({ since: 1_000, byUs: false });
    const unknownTime = userRecord(MAIL, true, 2_000);
    contacted.receive(unknownTime);
    contacted.settle(BLACKLISTED);
    expect(contacted.shown().outcome).toBe('guarded');
  });

  it('when it was last seen off it, however often we write the same again', () => {
    const contacted = known();
    contacted.blacklist(OWN.from, 200);
    contacted.record.brevo.noteWritten(BLACKLISTED, OWN.from);
    contacted.blacklist(1_150_000, 300);
    expect(memory(contacted).own.map(({ seenOffAt }) => seenOffAt)).toEqual([1_000_000, 1_000_000]);
  });

  it('when it was last seen off it, and not when we wrote something else', () => {
    const contacted = known();
    const { record } = contacted;
    record.brevo.noteWritten({ ...SUBSCRIBED, attributes: { NEWS: false } }, 1_050_000);
    contacted.blacklist(OWN.from, 200);
    expect(memory(contacted).own).toMatchObject([{ seenOffAt: 1_000_000 }]);
    record.brevo.noteWritten(SUBSCRIBED, 1_300_000, 1_300_000);
    record.brevo.noteOffBlacklist();
    contacted.blacklist(1_400_000, 300);
    expect(memory(contacted).own.at(-1)).toMatchObject({ seenOffAt: 1_300_000 });
  });

  it('that we began to put it there, as long as Brevo has not answered', () => {
    const contacted = known();
    contacted.record.brevo.beginBlacklisting(OWN.from, 200);
    const { to: _, ...begun } = OWN;
    expect(memory(contacted)).toEqual({ own: [begun], on: { since: 200, byUs: true } });
  });

  it('that we began to take it off, so that it is done again until Brevo says what became of it', () => {
    const contacted = known(BLACKLISTED);
    contacted.receive(event(MAIL, true, 200));
    contacted.record.brevo.beginClearing();
    contacted.look(SUBSCRIBED);
    expect(contacted.action().kind).toBe('clear');
    contacted.write();
    expect(memory(contacted)).toEqual({ own: [] });
    expect(contacted.action().kind).toBe('none');
  });

  it('that we began to take it off, also while we begin to put it back', () => {
    const { record } = known(BLACKLISTED);
    record.brevo.beginClearing();
    record.brevo.beginBlacklisting(1_100_000, 300);
    record.brevo.endBlacklisting(1_100_005);
    expect(record.state.memory.clearingBegun).toBe(true);
    record.brevo.noteOnBlacklist();
    expect(record.state.memory.clearingBegun).toBeUndefined();
  });

  it('when we put it back because somebody had unsubscribed, so that this is not taken for the account', () => {
    const contacted = known(BLACKLISTED);
    contacted.record.brevo.noteGuarded(200, 300, { from: 1_100_000, to: 1_100_200 });
    const terms = { optInAt: 301, unconditional: false, own: memory(contacted).own };
    expect(forbiddingUnsubscription(terms, [{ by: 'admin', at: 1_100_100 }])).toBeUndefined();
  });

  it('that the account unsubscribed the contact, however soon we put it back after that', () => {
    const contacted = known(BLACKLISTED);
    contacted.record.brevo.noteGuarded(200, 1_099, { from: 1_100_000, to: 1_100_200 });
    const terms = { optInAt: 1_050, unconditional: false, own: memory(contacted).own };
    const byTheAccount = { by: 'admin', at: 1_099_900 } as const;
    expect(forbiddingUnsubscription(terms, [byTheAccount])).toBe(byTheAccount);
  });

  it('not that we put it there, of the contact into which ours was merged', () => {
    const contacted = known();
    contacted.receive(event(MAIL, false, 200));
    contacted.settle(SUBSCRIBED);
    contacted.record.brevo.forgetId();
    contacted.receive(userRecord(MAIL, true, 2_000));
    contacted.settle({ ...BLACKLISTED, id: 8 });
    expect(contacted.shown().outcome).toBe('guarded');
    expect(memory(contacted).on).toMatchObject({ byUs: false });
  });

  it('not that an opt-in was refused, of the contact into which ours was merged', () => {
    const contacted = known(BLACKLISTED);
    contacted.receive(event(MAIL, true, 200));
    contacted.record.brevo.noteGuarded(200, 300);
    contacted.record.brevo.forgetId();
    contacted.look({ ...BLACKLISTED, id: 8 });
    expect(contacted.action().kind).toBe('clear');
  });

  it('nothing of a contact that we began to create on it, and that Brevo does not have', () => {
    const contacted = new Contacted();
    contacted.receive(event(MAIL, false, 200));
    contacted.look(null);
    contacted.record.brevo.beginBlacklisting(1_100_000, 200);
    contacted.record.brevo.endBlacklisting(1_100_005);
    contacted.receive(event(MAIL, true, 200, { id: 'z' }));
    contacted.look(null);
    expect(memory(contacted).on).toBeUndefined();
  });

  it('of a contact that Brevo lost, so that it is created on the blacklist and stays there', () => {
    const contacted = known(BLACKLISTED);
    contacted.record.brevo.forget();
    contacted.receive(event(MAIL, true, 500));
    contacted.look(null);
    expect(contacted.action().kind).toBe('create');
    contacted.write();
    expect(contacted.shown().outcome).toBe('guarded');
    expect(memory(contacted).on).toEqual({ since: 1_000, byUs: false, carried: true });
    contacted.receive(event(MAIL, true, 600));
    contacted.settle(BLACKLISTED);
    expect(contacted.shown().outcome).toBe('guarded');
    contacted.receive(event(MAIL, true, 1_001));
    expect(contacted.action().kind).toBe('clear');
  });
});
