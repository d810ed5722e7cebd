import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecipientAction, SimCall } from '../../../simulator';
import { until } from '../../support/until';
import { callsOf, outcomeOf, storyOf } from '../support/asking';
import { eventCreated, type Harness, inSeconds, someone, startHarness } from '../support/harness';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
beforeEach(() => harness.simulator.reset());
afterAll(() => harness.close());

type Kind = NonNullable<RecipientAction['kind']>;

const WAYS: readonly [string, Kind][] = [
  ['unsubscribes in a campaign', 'userUnsubscription'],
  ['complains of spam', 'complaint'],
  ['is unsubscribed by somebody in the account', 'adminUnsubscription'],
];

/** Which call an act stands beside. */
interface Place {
  readonly moment: 'before' | 'after';
  readonly is: (call: SimCall) => boolean;
  /** Which of the calls that fit; default the first. */
  readonly nth?: number;
}

const isLookUp = ({ operation, identifierType }: SimCall) =>
  operation === 'getContactInfo' && identifierType === 'email_id';
const isLookOfClearing = ({ operation, identifierType }: SimCall) =>
  operation === 'getContactInfo' && identifierType === 'contact_id';
const isWrite = ({ operation }: SimCall) => operation === 'updateContact';

/** The calls of a clearing: the look-up, its first look, its write, its second look. */
const PLACES: readonly [string, Place][] = [
  ['before the contact is looked up', { moment: 'before', is: isLookUp }],
  ['between the look-up and the clearing', { moment: 'after', is: isLookUp }],
  ['between the first look of the clearing and its write', { moment: 'after', is: isLookOfClearing }],
  ['as the write arrives', { moment: 'before', is: isWrite }],
  ['between the write and the second look', { moment: 'after', is: isWrite }],
];

/** Does something once, beside one call. */
function beside({ moment, is, nth }: Place, act: () => void): void {
  let left = nth ?? 1;
  harness.simulator.onCall((call, when) => {
    if (when !== moment || !is(call)) return;
    left -= 1;
    if (left === 0) act();
  });
}

function blacklistedContact(): string {
  const email = someone();
  harness.simulator.seedContact({ email, emailBlacklisted: true });
  return email;
}

const optInOf = (email: string, at = inSeconds(-30)) => outcomeOf(harness, eventCreated(email, true, { at }));

describe.each(WAYS)('a person who %s', (_, kind) => {
  it.each(PLACES)('%s stays on the blacklist', async (_name, place) => {
    const email = blacklistedContact();
    beside(place, () => harness.simulator.unsubscribe({ email, kind }));
    expect(await optInOf(email)).toBe('guarded');
    expect(harness.simulator.contact({ email })).toMatchObject({
      emailBlacklisted: true,
      attributes: { OPT_EMAIL: true },
    });
    expect(await storyOf(harness, email)).toMatchObject({ outcome: 'guarded' });
  });

  it('after all of it is on the blacklist by that very act, and stays there', async () => {
    const email = blacklistedContact();
    beside({ moment: 'after', is: isLookOfClearing, nth: 2 }, () =>
      harness.simulator.unsubscribe({ email, kind }),
    );
    expect(await optInOf(email)).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
    const doubled = eventCreated(email, true, { at: inSeconds(-29) });
    expect(await outcomeOf(harness, doubled)).toBe('guarded');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });
});

describe('an unsubscription, while answers get lost,', () => {
  it.each([
    ['before the write whose answer is lost', 'before'],
    ['after the write whose answer is lost', 'after'],
  ] as const)('%s, stays in force', async (_, moment) => {
    const email = blacklistedContact();
    harness.simulator.setFaults({ kind: 'dropAfterCommit', match: { method: 'PUT' }, times: 1 });
    beside({ moment, is: isWrite }, () => harness.simulator.unsubscribe({ email }));
    expect(await optInOf(email)).toBe('guarded');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });

  it('stays in force when the second look fails', async () => {
    const email = blacklistedContact();
    const byId = { method: 'GET', path: 'identifierType=contact_id' };
    harness.simulator.setFaults({ kind: 'status', status: 503, match: byId, skip: 1, times: 1 });
    beside({ moment: 'before', is: isWrite }, () => harness.simulator.unsubscribe({ email }));
    expect(await optInOf(email)).toBe('guarded');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });

  it('stays in force when the answer to putting it back is lost', async () => {
    const email = blacklistedContact();
    const puttingBack = { method: 'PUT', body: '"emailBlacklisted":true' };
    harness.simulator.setFaults({ kind: 'dropAfterCommit', match: puttingBack, times: 1 });
    beside({ moment: 'before', is: isWrite }, () => harness.simulator.unsubscribe({ email }));
    expect(await optInOf(email)).toBe('guarded');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
  });

  it('stays in force when an opt-out comes, and an opt-in again', async () => {
    const email = blacklistedContact();
    harness.simulator.setFaults({ kind: 'dropAfterCommit', match: { method: 'PUT' }, times: 1 });
    beside({ moment: 'before', is: isWrite }, () => harness.simulator.unsubscribe({ email }));
    const first = optInOf(email);
    await until('the answer is lost', () => callsOf(harness, 'PUT')[0]?.endedAt !== undefined);
    const optOut = outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-29) }));
    const again = optInOf(email, inSeconds(-28));
    await Promise.all([first, optOut, again]);
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
    expect(await storyOf(harness, email)).toMatchObject({ outcome: 'guarded' });
  });
});

describe('an opt-in is applied', () => {
  it('after our own blacklisting', async () => {
    const email = someone();
    harness.simulator.seedContact({ email });
    await outcomeOf(harness, eventCreated(email, false, { at: inSeconds(-30) }));
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: true });
    expect(await optInOf(email, inSeconds(-20))).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: false });
  });

  it('when it is later than an unsubscription that we had undone and put back', async () => {
    const email = blacklistedContact();
    const before = { at: inSeconds(-10) };
    beside({ moment: 'before', is: isWrite }, () => harness.simulator.unsubscribe({ email, ...before }));
    expect(await optInOf(email)).toBe('guarded');
    expect(await optInOf(email, inSeconds(-5))).toBe('updated');
    expect(harness.simulator.contact({ email })).toMatchObject({ emailBlacklisted: false });
  });
});
