import { describe, expect, test } from '@jest/globals';
import { DEMO_CONFIG } from '../../../../cli/demo/demo-config';
import { DidomiPerson, flattened, type Message } from '../../../../cli/demo/didomi-person';
import { expectedContacts } from '../../../../cli/demo/expectation';
import { Random } from '../../../../cli/demo/random';
import { type Script, writeScript } from '../../../../cli/demo/script';
import type { Step } from '../../../../cli/demo/stories';
import { loadConfig } from '../../../../config';
import { mergeStatements } from '../../../../consent/consent-state';
import { wishesOf } from '../../../../consent/wish';
import { interpret } from '../../../../didomi/interpret';
import { readMessage } from '../../../../didomi/message';
import type { ContactSeed } from '../../../../simulator';

const MORNING = Date.parse('2026-03-04T09:00:00Z');
const NOON = Date.parse('2026-03-04T12:00:00Z');
const ANA = 'ana@example.com';

function ana(random = new Random(1)): DidomiPerson {
  return new DidomiPerson(random, { organizationUserId: ANA, language: 'fr' });
}

function expected(messages: readonly Message[], contacts: readonly ContactSeed[] = [], others: Step[] = []) {
  const steps: Step[] = [...others, { kind: 'webhook', messages }];
  const script: Script = { seed: 0, contacts, steps, messages: messages.length };
  return expectedContacts(script)[0];
}

const KNOWN = { email: ANA, listIds: [12] };

describe('what Brevo should hold', () => {
  test('of an unknown person who says yes: a contact on our list', () => {
    const { event } = ana().says(NOON, { newsletter: true, topics: 'sport,gardening', frequency: 'hourly' });
    expect(expected([event])).toEqual({
      id: ANA,
      emailBlacklisted: false,
      listIds: [7],
      attributes: { EMAIL_NOTIFICATION: true, TOPICS: ['sport'], LANGUAGE: 'fr' },
    });
    expect(expected([flattened(event)])).toEqual(expected([event]));
  });

  test('of an unknown person who says no: a contact on the blacklist', () => {
    const { record } = ana().says(NOON, { newsletter: false });
    expect(expected([record])).toMatchObject({ emailBlacklisted: true });
  });

  test('of a person who withdraws: the later word counts, in any order of arrival', () => {
    const person = ana();
    const yes = person.says(MORNING, { newsletter: true });
    const no = person.says(NOON, { newsletter: false });
    for (const order of [
      [yes.event, no.event],
      [no.event, yes.event],
      [no.record, yes.record],
      [no.record, yes.event, no.event, yes.record],
    ]) {
      expect(expected(order, [KNOWN])).toMatchObject({ emailBlacklisted: true, listIds: [12] });
    }
  });

  test('of a double opt-in: nothing until it is confirmed', () => {
    const asked = ana().asks(MORNING, { newsletter: true });
    expect(expected([asked.message])).toBeUndefined();
    expect(expected([asked.message, asked.confirm(NOON).event])).toMatchObject({ emailBlacklisted: false });
  });

  test('of a person who unsubscribed in Brevo: the blacklist, unless the yes is later', () => {
    const { event } = ana().says(NOON, { newsletter: true });
    const unsubscribed = (at: string): Step[] => [{ kind: 'unsubscribe', action: { email: ANA, at } }];
    expect(expected([event], [KNOWN], unsubscribed('2026-03-04T11:59:59Z'))).toMatchObject({
      emailBlacklisted: false,
    });
    expect(expected([event], [KNOWN], unsubscribed('2026-03-04T12:00:00Z'))).toMatchObject({
      emailBlacklisted: true,
    });
  });

  test('of a person with two devices: a no stands unless the yes is later', () => {
    const random = new Random(2);
    const no = ana(random).says(MORNING, { newsletter: false });
    const yes = ana(random).says(NOON, { newsletter: true });
    expect(expected([yes.event, no.record], [KNOWN])).toMatchObject({ emailBlacklisted: false });
    const phone = ana(random);
    const before = phone.says(MORNING, { newsletter: true });
    const after = phone.says(NOON + 1_000, { topics: 'sport' });
    const otherNo = ana(random).says(NOON, { newsletter: false });
    const all = [before.event, otherNo.event, after.event, after.record];
    expect(expected(all, [KNOWN])).toMatchObject({
      emailBlacklisted: true,
      attributes: { TOPICS: ['sport'] },
    });
  });

  test('of messages under another regulation: nothing', () => {
    const person = new DidomiPerson(new Random(1), {
      organizationUserId: ANA,
      language: 'fr',
      regulation: 'cpra',
    });
    expect(expected([person.says(NOON, { newsletter: true }).event])).toBeUndefined();
  });
});

describe('the expectation and the rules that it judges', () => {
  const config = loadConfig({ object: DEMO_CONFIG });
  const rules = config.integrations.get('newsletter')?.rules;

  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'agree on who wants the newsletter (seed %d)',
    (seed) => {
      const script = writeScript(seed, 200, Date.now());
      const states = new Map<string, ReturnType<typeof mergeStatements>>();
      for (const step of script.steps) {
        for (const message of step.kind === 'webhook' ? step.messages : []) {
          const read = rules && interpret(readMessage(message), rules, Date.now());
          if (read?.status !== 'accepted') continue;
          const { value } = read.identifier;
          states.set(value, mergeStatements(states.get(value) ?? [], read.change.statements));
        }
      }
      const wanted = [...states].map(([id, state]) => {
        const wish = wishesOf(state, rules?.mappings ?? []).find((one) => one.id === 'EMAIL_NOTIFICATION');
        return [id, wish?.value];
      });
      const said = expectedContacts(script).map(({ id, attributes }) => [id, attributes.EMAIL_NOTIFICATION]);
      expect(Object.fromEntries(said)).toMatchObject(
        Object.fromEntries(wanted.filter(([, value]) => value !== undefined)),
      );
    },
  );
});
