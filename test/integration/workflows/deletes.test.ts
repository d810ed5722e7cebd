import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until';
import { outcomeOf, storyOf, workflowOf } from '../support/asking';
import {
  DIDOMI,
  type DidomiHarness,
  OPTED_OUT,
  Person,
  SUBSCRIBED,
  startDidomiHarness,
} from '../support/didomi';
import { eventCreated, inSeconds, someone } from '../support/harness';

let harness: DidomiHarness;
beforeAll(async () => {
  harness = await startDidomiHarness();
});
afterEach(() => {
  harness.didomi.setFaults();
  harness.didomi.setSwitches({ deletedEvent: 'bare' });
});
afterAll(() => harness.close());

describe('a deleted event', () => {
  it('that was an opt-in: the older opt-out comes back, and the story tells that Didomi was asked', async () => {
    const ana = new Person(harness);
    await ana.says(false);
    const optIn = await ana.says(true);
    expect(ana.inBrevo()).toEqual(SUBSCRIBED);
    expect(await outcomeOf(harness, ana.deletes(optIn))).toBe('updated');
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
    const story = await storyOf(harness, ana.email);
    expect(story.calls).toContainEqual({
      activity: 'readDidomiUser',
      at: expect.any(String),
      result: 'read again from Didomi: 1 record',
    });
    expect(story.events.at(-1)).toMatchObject({ type: 'event.deleted', eventId: optIn, outcome: 'updated' });
  });

  it("that was an opt-out: the older opt-in comes back where Didomi's record says so", async () => {
    const ana = new Person(harness);
    await ana.says(true);
    const optOut = await ana.says(false);
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
    expect(await outcomeOf(harness, ana.deletes(optOut))).toBe('updated');
    expect(ana.inBrevo()).toEqual(SUBSCRIBED);
  });

  it("that was an opt-out: the older opt-in stays where it is when Didomi's record is silent", async () => {
    const ana = new Person(harness);
    const optIn = await ana.says(true);
    const optOut = await ana.says(false);
    ana.deletes(optIn);
    expect(await outcomeOf(harness, ana.deletes(optOut))).toBe('unchanged');
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
  });

  it('is void for ever, also when it is delivered again later', async () => {
    harness.didomi.setSwitches({ deletedEvent: 'whole' });
    const ana = new Person(harness);
    await ana.says(true);
    const { id, messages } = ana.answers(false);
    await harness.client.submitAndWait(ana.deletes(id));
    expect(ana.inBrevo()).toEqual(SUBSCRIBED);
    for (const message of messages.filter(({ type }) => type === 'event.created')) {
      const { updated_at: _, ...entity } = message.parameters.entity as Record<string, unknown>;
      await harness.client.submitAndWait({ ...message, parameters: { entity } });
    }
    expect(ana.inBrevo()).toEqual(SUBSCRIBED);
  });

  it('does not beat a choice that Didomi took after the record was read', async () => {
    const ana = new Person(harness);
    await ana.says(false);
    const optIn = await ana.says(true);
    const deletion = ana.deletes(optIn);
    harness.didomi.setFaults({
      kind: 'latency',
      ms: 1_500,
      phase: 'after',
      match: { path: '^/consents/users' },
    });
    harness.didomi.clearCalls();
    const settled = harness.client.submitAndWait(deletion);
    await until('the record is being read', () =>
      harness.didomi.calls().some(({ path }) => path.startsWith('/consents/users')),
    );
    await harness.client.submitAndWait(ana.answers(true).messages.slice(0, 1));
    await settled;
    expect(ana.inBrevo()).toEqual(SUBSCRIBED);
  });

  it('of nobody that we know of is ignored', async () => {
    const ana = new Person(harness);
    const { id } = ana.answers(true);
    const started = Date.now();
    expect(await outcomeOf(harness, ana.deletes(id))).toBe('no_organization_user_id');
    expect(Date.now() - started).toBeLessThan(30_000);
  });

  it('that comes in one request with its event is understood all the same', async () => {
    const ana = new Person(harness);
    const { id, messages } = ana.answers(true);
    const results = await harness.client.submit([...messages, ana.deletes(id)]);
    expect(results.map(({ index, status }) => [index, status])).toEqual([
      [0, 'accepted'],
      [1, 'accepted'],
      [2, 'accepted'],
    ]);
    await until('that is settled', async () => {
      const { events } = await storyOf(harness, ana.email);
      return events.some(({ type, outcome }) => type === 'event.deleted' && outcome !== undefined);
    });
  });

  it('is found also after the workflow of the contact has closed', async () => {
    const short = await startDidomiHarness({ options: { remember: '1 second' } });
    try {
      const ana = new Person(short);
      await ana.says(false);
      const optIn = await ana.says(true);
      await until('the workflow has closed', async () => !(await storyOf(short, ana.email)).open);
      expect(await outcomeOf(short, ana.deletes(optIn))).toBe('updated');
      expect(ana.inBrevo()).toEqual(OPTED_OUT);
    } finally {
      await short.close();
    }
  });
});

describe('an event that a patch takes a choice back from', () => {
  it('has Didomi asked what holds instead, since the record that we know rests on that choice', async () => {
    const ana = new Person(harness);
    await ana.says(false);
    const optIn = await ana.says(true);
    expect(ana.inBrevo()).toEqual(SUBSCRIBED);
    await harness.client.submitAndWait(ana.takesBack(optIn));
    await until('the older opt-out is back', () => ana.inBrevo()?.newsletter === false);
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
    const { calls, events } = await storyOf(harness, ana.email);
    expect(calls.filter(({ activity }) => activity === 'readDidomiUser')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ type: 'event.updated', eventId: optIn });
  });

  it('is asked about once, however often the patch is delivered', async () => {
    const ana = new Person(harness);
    await ana.says(false);
    const patch = ana.takesBack(await ana.says(true));
    await harness.client.submitAndWait(patch);
    await until('the older opt-out is back', () => ana.inBrevo()?.newsletter === false);
    await harness.client.submitAndWait(patch);
    const { calls, outcome } = await storyOf(harness, ana.email);
    expect(calls.filter(({ activity }) => activity === 'readDidomiUser')).toHaveLength(1);
    expect(outcome).toBe('updated');
  });

  it('shows held while Didomi refuses our key, and a withdrawal is written all the same', async () => {
    const ana = new Person(harness);
    const optIn = await ana.says(true);
    harness.didomi.setFaults({ kind: 'status', status: 403, match: { path: '^/consents' } });
    await harness.client.submitAndWait(ana.takesBack(optIn));
    await until('it is held', async () => (await storyOf(harness, ana.email)).outcome === 'held');
    expect(await outcomeOf(harness, ana.answers(false).messages[0])).toBe('updated');
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
    harness.didomi.setFaults();
    await until('it goes on', async () => (await storyOf(harness, ana.email)).outcome !== 'held', 40_000);
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
  });
});

describe('an erased user', () => {
  it('is no opt-in and no opt-out: nothing is written', async () => {
    for (const answer of [true, false]) {
      const ana = new Person(harness);
      await ana.says(!answer);
      await ana.says(answer);
      const before = harness.simulator.calls().length;
      expect(await outcomeOf(harness, ana.erases())).toBe('unchanged');
      expect(harness.simulator.calls().slice(before)).toEqual([]);
      expect((await storyOf(harness, ana.email)).calls.at(-1)?.result).toBe(
        'read again from Didomi: 0 records',
      );
    }
  });

  it('stays erased when older messages of theirs come late', async () => {
    const ana = new Person(harness);
    const { messages } = ana.answers(true);
    expect(await outcomeOf(harness, ana.erases())).toBe('unchanged');
    await harness.client.submitAndWait(messages);
    expect(ana.inBrevo()).toBeUndefined();
  });

  it('leaves the other Didomi users of the same person as they are', async () => {
    const email = someone();
    const phone = new Person(harness, { email, device: 'phone' });
    const laptop = new Person(harness, { email, device: 'laptop' });
    await phone.says(true);
    await laptop.says(false);
    expect(await outcomeOf(harness, phone.erases())).toBe('unchanged');
    expect(phone.inBrevo()).toEqual(OPTED_OUT);
    expect((await storyOf(harness, email)).calls.at(-1)?.result).toBe('read again from Didomi: 1 record');
  });
});

describe('a person with several records', () => {
  it('has all of them read', async () => {
    const email = someone();
    const phone = new Person(harness, { email, device: 'phone' });
    const laptop = new Person(harness, { email, device: 'laptop' });
    await phone.says(false);
    const optIn = await laptop.says(true);
    await laptop.says(true);
    expect(phone.inBrevo()).toEqual(SUBSCRIBED);
    await harness.client.submitAndWait(laptop.deletes(optIn));
    expect((await storyOf(harness, email)).calls.map(({ result }) => result)).toContain(
      'read again from Didomi: 2 records',
    );
  });

  it('is asked for as Didomi spells them', async () => {
    const ana = new Person(harness, { email: `Ana.${someone().toUpperCase()}` });
    await ana.says(false);
    const optIn = await ana.says(true);
    expect(await outcomeOf(harness, ana.deletes(optIn))).toBe('updated');
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
  });
});

describe("Didomi's API", () => {
  it('may end our session', async () => {
    const ana = new Person(harness);
    await ana.says(false);
    const optIn = await ana.says(true);
    harness.didomi.expireTokens();
    expect(await outcomeOf(harness, ana.deletes(optIn))).toBe('updated');
  });

  it.each([
    ['a rate limit that says how long', { kind: 'status', status: 429, resetSeconds: 2, times: 2 }],
    ['errors of its own', { kind: 'status', status: 500, times: 2 }],
    ['a gateway that fails', { kind: 'status', status: 503, times: 1 }],
    ['connections that break', { kind: 'dropBefore', times: 2 }],
  ] as const)('may answer with %s', async (_, fault) => {
    const ana = new Person(harness);
    await ana.says(false);
    const optIn = await ana.says(true);
    const deletion = ana.deletes(optIn);
    harness.didomi.clearCalls();
    harness.didomi.setFaults(fault);
    expect(await outcomeOf(harness, deletion)).toBe('updated');
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
    const asked = harness.didomi.calls().filter(({ path }) => path.startsWith('/consents/users'));
    expect(asked).toHaveLength(fault.times + 1);
  });

  it('may refuse our key: the contact is held, says why, and goes on by itself once the key works', async () => {
    const ana = new Person(harness);
    await ana.says(true);
    const optOut = await ana.says(false);
    const deletion = ana.deletes(optOut);
    harness.didomi.setFaults({ kind: 'status', status: 403, match: { path: '^/consents' } });
    expect(await outcomeOf(harness, deletion)).toBe('held');
    const held = await storyOf(harness, ana.email);
    expect(held).toMatchObject({
      outcome: 'held',
      held: { service: 'Didomi', status: 403, reason: expect.stringContaining('Didomi') },
    });
    expect(held.events.at(-1)?.outcome).toBe('held');
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
    harness.didomi.setFaults();
    const eventOutcome = async () => (await storyOf(harness, ana.email)).events.at(-1)?.outcome;
    await until('the contact goes on', async () => (await eventOutcome()) === 'updated', 40_000);
    expect(ana.inBrevo()).toEqual(SUBSCRIBED);
    expect(await storyOf(harness, ana.email)).toMatchObject({ outcome: 'updated' });
  });

  it('may refuse credentials that are mended later', async () => {
    const ana = new Person(harness);
    await ana.says(true);
    const optOut = await ana.says(false);
    const deletion = ana.deletes(optOut);
    harness.didomi.expireTokens();
    harness.didomi.setFaults({ kind: 'status', status: 400, match: { path: '^/sessions' } });
    expect(await outcomeOf(harness, deletion)).toBe('held');
    expect((await storyOf(harness, ana.email)).held?.reason).toContain('didomi.api_secret');
    harness.didomi.setFaults();
    await until('the contact goes on', () => ana.inBrevo()?.newsletter === true, 40_000);
  });

  it('may be down: what else is chosen meanwhile is written at once, and nothing waits for it', async () => {
    const ana = new Person(harness);
    await ana.says(true);
    const again = await ana.says(true);
    const deletion = ana.deletes(again);
    harness.didomi.setFaults({ kind: 'status', status: 503 });
    const settled = harness.client.submitAndWait(deletion);
    await until('Didomi was asked', () => harness.didomi.calls().some(({ status }) => status === 503));
    expect(await outcomeOf(harness, ana.answers(false).messages[0])).toBe('updated');
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
    harness.didomi.setFaults();
    await settled;
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
  });

  it('may refuse our key while a withdrawal comes: that is written at once', async () => {
    const ana = new Person(harness);
    const optIn = await ana.says(true);
    const deletion = ana.deletes(optIn);
    harness.didomi.setFaults({ kind: 'status', status: 401 });
    expect(await outcomeOf(harness, deletion)).toBe('held');
    expect(await outcomeOf(harness, ana.answers(false).messages[0])).toBe('updated');
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
  });

  it('may be down for so long that the contact continues in a new run: the question goes along', async () => {
    const ana = new Person(harness);
    await ana.says(true);
    const optOut = await ana.says(false);
    const deletion = ana.deletes(optOut);
    harness.didomi.setFaults({ kind: 'status', status: 503 });
    const waiting = harness.client.submitAndWait(deletion);
    const { runId } = await storyOf(harness, ana.email);
    await until(
      'the contact continues in a new run',
      async () => {
        for (let round = 0; round < 5; round += 1) {
          await harness.client.submit(eventCreated(ana.email, false, { at: inSeconds(-90_000) }));
        }
        return (await storyOf(harness, ana.email)).runId !== runId;
      },
      60_000,
    );
    expect((await waiting)[0]).toMatchObject({ status: 'accepted', outcome: 'held' });
    harness.didomi.setFaults();
    const hasCleared = async () =>
      (await storyOf(harness, ana.email)).calls.at(-1)?.activity === 'clearBlacklist';
    await until('the contact goes on', hasCleared, 90_000);
    expect(ana.inBrevo()?.newsletter).toBe(true);
  }, 180_000);

  it('is not needed for an older opt-out that a deleted opt-in uncovers, once the answer is known to be late', async () => {
    const ana = new Person(harness);
    await ana.says(false);
    const optIn = await ana.says(true);
    const deletion = ana.deletes(optIn);
    harness.didomi.setFaults({ kind: 'status', status: 401 });
    expect(await outcomeOf(harness, deletion)).toBe('held');
    await until('the older opt-out is back', () => ana.inBrevo()?.newsletter === false);
    expect(ana.inBrevo()).toEqual(OPTED_OUT);
  });
});

describe('a ledger', () => {
  it('tells no more of a deleted event, so that it cannot come back after the workflow closed', async () => {
    const remembering = await startDidomiHarness({ options: { ledger_attribute: 'CONSENT_LEDGER' } });
    try {
      const ana = new Person(remembering);
      const ledger = () => remembering.simulator.contact({ email: ana.email })?.attributes.CONSENT_LEDGER;
      const { id, messages } = ana.answers(true);
      await remembering.client.submitAndWait(messages[0]);
      expect(ledger()).toContain(id);
      await (await workflowOf(remembering, ana.email)).terminate('its time is over');
      expect(await outcomeOf(remembering, ana.deletes(id))).toBe('unchanged');
      expect(ledger()).not.toContain(id);
      expect(ana.inBrevo()).toEqual(SUBSCRIBED);
    } finally {
      await remembering.close();
    }
  });
});

describe('what is kept in Temporal', () => {
  it("holds neither Didomi's credentials nor a token, and summaries hold no identifier", async () => {
    const ana = new Person(harness);
    const optIn = await ana.says(true);
    await harness.client.submitAndWait(ana.deletes(optIn));
    const handle = await workflowOf(harness, ana.email);
    const { events } = await handle.fetchHistory();
    const texts = [...payloadsIn(events)].map((data) => Buffer.from(data).toString());
    expect(texts.join('\n')).toContain('readDidomiUser');
    for (const secret of [DIDOMI.apiKey, DIDOMI.apiSecret, 'Bearer'])
      expect(texts.join('\n')).not.toContain(secret);
    const summaries = (events ?? []).flatMap(({ userMetadata }) => userMetadata?.summary?.data ?? []);
    const shown = summaries.map((data) => Buffer.from(data).toString());
    expect(shown).toContain('"read the contact again from Didomi"');
    expect(shown.join('\n')).not.toContain(ana.email);
  });
});

/** All binary data in a history. */
function* payloadsIn(value: unknown): Generator<Uint8Array> {
  if (value instanceof Uint8Array) yield value;
  else if (typeof value === 'string') yield Buffer.from(value);
  else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) yield* payloadsIn(item);
  }
}
