import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { accountKey } from '../../../brevo/accounts';
import type { OutcomeReport } from '../../../workflows/outcome-sink';
import { StubBrevo } from '../brevo/stub-brevo';
import { metricsOf, valuesOf } from './support';

const GROUP = accountKey('key-of-the-group');
const NOBODY = { kind: 'email', value: 'ana@example.com' } as const;

async function working() {
  const metrics = await metricsOf('worker');
  const { worker } = metrics;
  if (!worker) throw new Error('there are none of workers');
  return { metrics, worker, values: () => valuesOf(metrics) };
}

function report(more: Partial<OutcomeReport>): OutcomeReport {
  return { integration: 'shop', outcome: 'updated', reasons: [], calls: 0, events: [], choices: [], ...more };
}

const lagOf = (choice: string, part: string, le = '') =>
  `consent_sync_consent_lag_seconds_${part}{${le && `le="${le}",`}integration="shop",choice="${choice}"}`;

describe('outcomes', () => {
  test('are there for each integration from the start, and counted as the contact shows them', async () => {
    const { worker, values } = await working();
    worker.onOutcome(report({ outcome: 'held' }));
    worker.onOutcome(report({ outcome: 'updated' }));
    worker.onOutcome(report({ outcome: 'updated', integration: 'blog' }));
    expect(await values()).toMatchObject({
      'consent_sync_outcomes_total{integration="shop",outcome="held"}': 1,
      'consent_sync_outcomes_total{integration="shop",outcome="updated"}': 1,
      'consent_sync_outcomes_total{integration="blog",outcome="updated"}': 1,
      'consent_sync_outcomes_total{integration="club",outcome="rejected"}': 0,
    });
  });

  test('of an integration that the configuration does not have any more are counted together', async () => {
    const { worker, values } = await working();
    worker.onOutcome(report({ integration: 'gone-1' }));
    worker.onOutcome(report({ integration: 'gone-2' }));
    expect(await values()).toMatchObject({
      'consent_sync_outcomes_total{integration="other",outcome="updated"}': 2,
    });
  });
});

describe('the lag', () => {
  test('goes from the choice to now, once for what one choice is mapped to, withdrawals apart', async () => {
    const { worker, values } = await working();
    const at = Math.floor(Date.now() / 1000) - 40;
    const choice = { eventKey: 'e1', at, withdrawal: true };
    worker.onOutcome(
      report({
        choices: [
          { ...choice, id: 'NEWSLETTER' },
          { ...choice, id: 'EMAIL_CAMPAIGNS_SUBSCRIBED' },
          { ...choice, id: 'OTHER', withdrawal: false },
          { ...choice, id: 'NEWSLETTER', eventKey: 'e2' },
        ],
      }),
    );
    expect(await values()).toMatchObject({
      [lagOf('withdrawal', 'count')]: 2,
      [lagOf('withdrawal', 'bucket', '30')]: 0,
      [lagOf('withdrawal', 'bucket', '60')]: 2,
      [lagOf('other', 'count')]: 1,
    });
  });

  test('is there from the start, and none where the clock of the choice is ahead', async () => {
    const { worker, values } = await working();
    expect(await values()).toMatchObject({ [lagOf('withdrawal', 'count')]: 0, [lagOf('other', 'count')]: 0 });
    const at = Math.floor(Date.now() / 1000) + 200;
    worker.onOutcome(report({ choices: [{ id: 'A', eventKey: 'e', at, withdrawal: true }] }));
    expect(await values()).toMatchObject({
      [lagOf('withdrawal', 'count')]: 1,
      [lagOf('withdrawal', 'sum')]: 0,
    });
  });
});

describe('calls to Brevo', () => {
  let stub: StubBrevo;
  beforeEach(async () => {
    stub = await StubBrevo.start();
  });
  afterEach(() => stub.close());

  const callsOf = async (values: () => Promise<Record<string, number>>) =>
    Object.fromEntries(
      Object.entries(await values()).filter(
        ([line, value]) => line.startsWith('consent_sync_brevo_calls_total') && value > 0,
      ),
    );

  test('are counted by what is called, for whom, and the answer, without the contact', async () => {
    const { metrics, worker, values } = await working();
    const client = stub.client({ onCall: (call) => worker.onCall(GROUP, call) });
    await client.getContact(NOBODY, { party: 'club' }).catch(() => {});
    stub.answer({ status: 401, body: { code: 'unauthorized', message: 'Key not found' } });
    await client.updateContact(NOBODY, {}, { party: 'shop' }).catch(() => {});
    stub.handler = (_request, response) => {
      response.destroy();
      return undefined;
    };
    await client.listAttributes().catch(() => {});
    expect(await callsOf(values)).toEqual({
      'consent_sync_brevo_calls_total{integration="club",operation="GET /contacts/{identifier}",status="204"}': 1,
      'consent_sync_brevo_calls_total{integration="shop",operation="PUT /contacts/{identifier}",status="401"}': 1,
    });
    expect(await metrics.text()).not.toContain('ana');
  });

  test('that are for the account as a whole count for its first integration', async () => {
    const { worker, values } = await working();
    const client = stub.client({ onCall: (call) => worker.onCall(GROUP, call) });
    stub.handler = (_request, response) => {
      response.destroy();
      return undefined;
    };
    await client.listAttributes().catch(() => {});
    expect(await callsOf(values)).toEqual({
      'consent_sync_brevo_calls_total{integration="shop",operation="GET /contacts/attributes",status="no_answer"}': 1,
    });
  });

  test('whose answer nobody wants any more are told from those without an answer', async () => {
    const { worker, values } = await working();
    const ending = new AbortController();
    stub.handler = () => {
      ending.abort();
      return undefined;
    };
    const client = stub.client({ onCall: (call) => worker.onCall(GROUP, call) });
    await client.getContact(NOBODY, { party: 'shop', signal: ending.signal }).catch(() => {});
    expect(await callsOf(values)).toEqual({
      'consent_sync_brevo_calls_total{integration="shop",operation="GET /contacts/{identifier}",status="cancelled"}': 1,
    });
  });

  test('are shown as a part of the budget, for all who share the account', async () => {
    const { worker, values } = await working();
    const call = { operation: 'POST /contacts', party: 'shop', status: 201, seconds: 0.1 };
    for (let count = 0; count < 60; count += 1) worker.onCall(GROUP, call);
    expect(await values()).toMatchObject({
      'consent_sync_brevo_budget_used_ratio{integration="shop"}': 0.1,
      'consent_sync_brevo_budget_used_ratio{integration="club"}': 0.1,
      'consent_sync_brevo_budget_used_ratio{integration="blog"}': 0,
    });
  });
});

test('attempts that failed are there from the start, and late ones apart, for a call that fails again and again', async () => {
  const { worker, values } = await working();
  const of = (integration: string, stage: string) =>
    `consent_sync_failed_attempts_total{integration="${integration}",stage="${stage}"}`;
  for (const attempt of [1, 9, 10, 400]) worker.onFailedAttempt({ integration: 'shop', attempt });
  worker.onFailedAttempt({ integration: 'gone', attempt: 11 });
  expect(await values()).toMatchObject({
    [of('shop', 'early')]: 2,
    [of('shop', 'late')]: 2,
    [of('blog', 'late')]: 0,
    [of('other', 'late')]: 1,
  });
});

test('an account that is held shows why, for each of its integrations, and shows it no more when it is over', async () => {
  const { worker, values } = await working();
  const held = { reason: 'key' } as const;
  let states: { integrations: string[]; held?: typeof held }[] = [{ integrations: ['shop', 'club'], held }];
  worker.follow(() => states);
  const shown = async () =>
    Object.entries(await values()).flatMap(([line, value]) =>
      line.startsWith('consent_sync_account_held') && value === 1 ? [line] : [],
    );
  expect(await shown()).toEqual([
    'consent_sync_account_held{integration="shop",reason="key"}',
    'consent_sync_account_held{integration="club",reason="key"}',
  ]);
  states = [{ integrations: ['shop', 'club'] }];
  expect(await shown()).toEqual([]);
  expect(await values()).toMatchObject({ 'consent_sync_account_held{integration="blog",reason="ip"}': 0 });
});
