import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { uiUrlOf, workflowPage } from '../../../cli/temporal-ui';
import { report } from '../../../cli/trace/report';
import type { ContactStory } from '../../../client';

const STORY: ContactStory = {
  integration: 'shop',
  workflowId: 'consent-sync/shop/abc',
  runId: 'run-1',
  identifierKind: 'email',
  open: true,
  outcome: 'rejected',
  dryRun: false,
  inForce: [
    {
      id: 'OPT_EMAIL',
      path: 'consents_purposes_newsletter_enabled',
      value: false,
      at: '2026-03-04T09:15:02.000Z',
      eventId: 'e-1',
    },
    {
      id: 'TOPICS',
      path: 'consents_purposes_newsletter_values_topics_value',
      value: 'sport',
      at: null,
      asOf: '2026-03-05T00:00:00.000Z',
      eventId: null,
    },
  ],
  events: [
    { eventId: 'e-1', type: 'event.created', receivedAt: '2026-03-04T09:15:03.000Z', outcome: 'updated' },
  ],
  calls: [
    {
      activity: 'updateContact',
      at: '2026-03-04T09:15:04.000Z',
      result: 'OPT_EMAIL → false, blacklist → on',
    },
  ],
  rejected: [
    {
      id: 'TOPICS',
      reason: 'does not exist in Brevo',
      status: 400,
      code: 'invalid_parameter',
      requestId: 'req-9',
      since: '2026-03-04T09:15:05.000Z',
    },
  ],
};

describe("the report of a contact's story", () => {
  const text = report(STORY, 'http://127.0.0.1:8233/page');

  test('tells what there is to know of an event beside its outcome', () => {
    const events = STORY.events.map((event) => ({ ...event, note: 'left as it is' }));
    expect(stripVTControlCharacters(report({ ...STORY, events }, undefined))).toContain(
      'updated: left as it is',
    );
  });

  test('tells outcome, values in force, events, Brevo calls and where to look', () => {
    expect(text).toContain('rejected in integration shop, found by email; its workflow is open');
    expect(text).toContain('http://127.0.0.1:8233/page');
    expect(text).toMatch(/OPT_EMAIL .*false .*2026-03-04T09:15:02.000Z .*e-1/);
    expect(text).toMatch(/TOPICS .*"sport" .*unknown, before 2026-03-05T00:00:00.000Z .*a user record/);
    expect(text).toMatch(/event\.created .*e-1 .*updated/);
    expect(text).toMatch(/updateContact .*OPT_EMAIL → false, blacklist → on/);
  });

  test('tells what Brevo refused, with code and request id', () => {
    expect(text).toContain(
      'Refused TOPICS since 2026-03-04T09:15:05.000Z: does not exist in Brevo (HTTP 400, code invalid_parameter, request req-9)',
    );
  });

  test('has no colours where there is no terminal', () => {
    expect(text).toBe(stripVTControlCharacters(text));
  });

  test('lets nothing from outside command the terminal', () => {
    const [event] = STORY.events;
    const evil = { ...STORY, events: event ? [{ ...event, eventId: 'a\u001b[2Jb\nc' }] : [] };
    expect(report(evil, undefined)).toContain('a�[2Jb�c');
  });

  test('says when a story is incomplete, held or guarded', () => {
    const held = { reason: 'the key is wrong', status: 401, since: '2026-03-04T09:00:00.000Z' };
    const bare: ContactStory = {
      ...STORY,
      outcome: 'held',
      held,
      guarded: 'stays on the blacklist: because',
      incomplete: 'no worker answered',
      inForce: [],
      events: [],
      calls: [],
      rejected: [],
    };
    const told = report(bare, undefined);
    expect(told).toContain('Incomplete: no worker answered');
    expect(told).toContain('Waiting for Brevo since 2026-03-04T09:00:00.000Z: the key is wrong (HTTP 401)');
    expect(told).toContain('Guarded: the contact stays on the blacklist: because');
    expect(told).not.toContain('In force');
  });
});

describe('the Temporal UI', () => {
  const settings = (address: string) =>
    ({ connectionOptions: { address }, namespace: 'default', source: 'environment' }) as const;

  test('is known for an embedded server and for Temporal Cloud, and not guessed for others', () => {
    expect(uiUrlOf(settings('127.0.0.1:7233'), 'http://127.0.0.1:8233')).toBe('http://127.0.0.1:8233');
    expect(uiUrlOf(settings('acme.a1b2c.tmprl.cloud:7233'), undefined)).toBe('https://cloud.temporal.io');
    expect(uiUrlOf(settings('eu-west-1.aws.api.temporal.io:7233'), undefined)).toBe(
      'https://cloud.temporal.io',
    );
    expect(uiUrlOf(settings('temporal.acme.example:7233'), undefined)).toBeUndefined();
  });

  test('has a page for each workflow, whose id is one part of its path', () => {
    expect(workflowPage('http://ui', 'default', 'consent-sync/shop/abc', 'run')).toBe(
      'http://ui/namespaces/default/workflows/consent-sync%2Fshop%2Fabc/run/history',
    );
  });
});
