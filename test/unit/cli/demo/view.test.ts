import { describe, expect, test } from '@jest/globals';
import { closingTable } from '../../../../cli/demo/closing-table';
import type { Observation } from '../../../../cli/demo/observation';
import { picture, progressLine } from '../../../../cli/demo/picture';
import { asJson, type DemoResult } from '../../../../cli/demo/result';
import { Series } from '../../../../cli/demo/series';

const SEEN: Observation = {
  seconds: 65.4,
  sent: 150,
  accepted: 170,
  ignored: 130,
  contacts: 10,
  outcomes: new Map([
    ['created', 5],
    ['held', 3],
    ['working', 2],
  ]),
  calls: { all: 42, lookUps: 20, creates: 12, updates: 10, failed: 4 },
  callsEachSecond: [0, 10, 10, 7],
};

describe('the view of a running demo', () => {
  test('shows how far it is, the outcomes, the rate of calls and what happened', () => {
    const text = picture(SEEN, { uiUrl: 'http://ui', messages: 300, news: ['01:00  something broke'] }).join(
      '\n',
    );
    expect(text).toContain('01:05');
    expect(text).toContain('http://ui');
    expect(text).toContain('150 of 300 messages sent');
    expect(text).toContain('5 of 10 contacts settled');
    expect(text).toContain('created 5');
    expect(text).toContain('held 3');
    expect(text).toContain('9.0/s');
    expect(text).toContain('42 calls: 20 reads, 12 creates, 10 updates; 4 of them failed');
    expect(text).toContain('01:00  something broke');
  });

  test('has no line wider than a terminal of 80 columns before anything is known', () => {
    const nothing = { ...SEEN, sent: 0, contacts: 0, outcomes: new Map(), callsEachSecond: [] };
    const lines = picture(nothing, { uiUrl: 'http://127.0.0.1:12345', messages: 300, news: [] });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('is one line in a log', () => {
    expect(progressLine(SEEN, 300)).toBe(
      '01:05  150 of 300 messages sent, 5 of 10 contacts settled, 42 Brevo calls (9.0/s), 3 held',
    );
  });
});

describe('what a demo came to', () => {
  const result: DemoResult = {
    ok: true,
    events: 300,
    accepted: 170,
    ignored: 130,
    outcomes: { created: { newsletter: 100, partners: 20 }, updated: { newsletter: 50 } },
    ignoredBecause: { no_mapped_value: { partners: 130 } },
    contacts: { created: { newsletter: 60 } },
    brevoCalls: { all: 340, lookUps: 200, creates: 60, updates: 80, failed: 9 },
    seconds: 45.2,
    seed: 7,
    unsettled: [],
    compared: 90,
    differences: [],
  };

  test('is told as a table', () => {
    const text = closingTable(result);
    expect(text).toMatch(/created .*100 .*20 .*120/);
    expect(text).toMatch(/no_mapped_value .*130 .*130/);
    expect(text).toContain('340 calls in 45 s, 2.00 for each event');
    expect(text).toContain('Brevo holds what it should. 90 contacts compared');
  });

  test('names every difference, and the seed to repeat it with', () => {
    const difference = {
      contact: 'ana@example.com',
      what: 'emailBlacklisted',
      expected: true,
      actual: false,
    };
    const text = closingTable({ ...result, ok: false, differences: [difference] });
    expect(text).toContain('Brevo does not hold what it should');
    expect(text).toContain('seed 7');
    expect(text).toMatch(/ana@example.com .*emailBlacklisted .*true .*false/);
  });

  test('names the contacts that are not settled', () => {
    const text = closingTable({ ...result, ok: false, unsettled: ['consent-sync/newsletter/abc'] });
    expect(text).toMatch(/Not everything is settled:\n {2}consent-sync\/newsletter\/abc/);
  });

  test('is JSON with totals', () => {
    expect(asJson(result)).toMatchObject({
      ok: true,
      events: 300,
      accepted: 170,
      ignored: 130,
      outcomes: { created: 120, updated: 50 },
      brevoCalls: 340,
      differences: [],
    });
  });
});

test('a series counts by the second, and leaves out the one that runs', () => {
  const series = new Series(3);
  for (const second of [0.1, 0.9, 2.5, 3.2, 4.7]) series.add(second);
  expect(series.values(4.8)).toEqual([0, 1, 1]);
  expect(series.values(1)).toEqual([2]);
  expect(series.values(0.5)).toEqual([]);
});
