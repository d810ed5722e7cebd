import { describe, expect, jest, test } from '@jest/globals';
import pino from 'pino';
import { loadConfig } from '../../../config';
import { ownTokens } from '../../../ingest/auth/own-tokens';
import { Metrics } from '../../../metrics';
import { until } from '../../support/until';
import { ask, CLIENT, fetched, inBody, issuingTo, OTHER } from '../ingest/oauth-support';
import { INTEGRATION, ingestForTests, message, type Setup, TOKEN } from '../ingest/support';
import { valuesOf } from './support';

const ingest = ingestForTests();
const TWO_HOURS_MS = 7_200_000;

async function counted(setup: Setup = {}) {
  const config = loadConfig({ object: setup.config ?? INTEGRATION, env: {} });
  const metrics = await Metrics.open({ config, roles: ['ingest'], version: '1' });
  const served = await ingest({ ...setup, observer: metrics.ingest });
  const values = () => valuesOf(metrics);
  /** What is not 0, of these metrics. */
  const told = async (name: string) =>
    Object.fromEntries(
      Object.entries(await values()).filter(
        ([line, value]) => line.startsWith(`consent_sync_${name}`) && value > 0,
      ),
    );
  /** Counts come once the caller has its answer. */
  const answered = (count: number) =>
    until('they are counted', async () => {
      const counts = Object.entries(await told('webhook_requests_total'));
      return counts.reduce((sum, [, value]) => sum + value, 0) === count;
    });
  return { ...served, metrics, values, told, answered };
}

describe('the metrics of ingestion', () => {
  test('count answers by status, and what became of each event by its type', async () => {
    const { post, told, answered, values } = await counted();
    const before = (await values()).consent_sync_last_accepted_webhook_timestamp_seconds ?? 0;
    await post([message({}), message({}), { type: 'event.deleted.soon' }]);
    await post(message({ entity: { status: 'pending_approval' } }));
    await post('{');
    await post({ type: 7 });
    await post(message({}), { 'content-type': 'text/plain' });
    await answered(5);
    expect(await told('webhook_requests_total')).toEqual({
      'consent_sync_webhook_requests_total{status="202"}': 2,
      'consent_sync_webhook_requests_total{status="400"}': 2,
      'consent_sync_webhook_requests_total{status="415"}': 1,
    });
    const of = (type: string, result: string) =>
      `consent_sync_events_total{integration="default",type="${type}",result="${result}"}`;
    expect(await told('events_total')).toEqual({
      [of('event.created', 'accepted')]: 2,
      [of('event.created', 'pending_approval')]: 1,
      [of('other', 'event_type')]: 1,
    });
    expect(await told('unreadable')).toEqual({ consent_sync_unreadable_messages_total: 2 });
    expect(await told('webhook_seconds_count')).toEqual({ consent_sync_webhook_seconds_count: 5 });
    const { consent_sync_last_accepted_webhook_timestamp_seconds: accepted = 0 } = await values();
    expect(accepted).toBeGreaterThan(before);
    expect(Math.abs(accepted - Date.now() / 1000)).toBeLessThan(60);
  });

  test('have every status, reason and result from the start, so that the first one is an increase', async () => {
    const { values } = await counted();
    expect(await values()).toMatchObject({
      'consent_sync_webhook_requests_total{status="503"}': 0,
      'consent_sync_auth_refused_total{reason="expired"}': 0,
      'consent_sync_token_requests_total{result="limited"}': 0,
      'consent_sync_events_total{integration="default",type="user.updated",result="time_in_future"}': 0,
      consent_sync_unreadable_messages_total: 0,
    });
  });

  test('tell why a caller was turned away', async () => {
    const { post, told, answered } = await counted({
      config: { ...INTEGRATION, ingest: { auth: { type: 'bearer', token: TOKEN } } },
    });
    await post(message({}));
    await post(message({}), { authorization: `Basic ${TOKEN}` });
    await post(message({}), { authorization: 'Bearer nothing-that-we-know' });
    await answered(3);
    expect(await told('auth_refused_total')).toEqual({
      'consent_sync_auth_refused_total{reason="missing"}': 2,
      'consent_sync_auth_refused_total{reason="invalid"}': 1,
    });
  });

  test('tell a token that has expired from one that is not ours, and count those that are fetched', async () => {
    const served = await counted(issuingTo([CLIENT]));
    const { post, told, answered } = served;
    const authorization = await fetched(served, CLIENT);
    await ask(served, inBody(OTHER));
    expect((await post(message({}), { authorization })).status).toBe(202);
    jest.useFakeTimers({
      now: Date.now() - TWO_HOURS_MS,
      doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'],
    });
    const old = await ownTokens([CLIENT])
      .then((tokens) => tokens.issue(CLIENT))
      .finally(() => jest.useRealTimers());
    await post(message({}), { authorization: `Bearer ${old}` });
    await answered(2);
    expect(await told('auth_refused_total')).toEqual({
      'consent_sync_auth_refused_total{reason="expired"}': 1,
    });
    await until('both requests for tokens are counted', async () => {
      return Object.keys(await told('token_requests_total')).length === 2;
    });
    expect(await told('token_requests_total')).toEqual({
      'consent_sync_token_requests_total{result="issued"}': 1,
      'consent_sync_token_requests_total{result="refused"}': 1,
    });
  });

  test('count an address that is not allowed', async () => {
    const { post, told, answered } = await counted({
      config: { ...INTEGRATION, ingest: { allowed_ips: ['192.0.2.7'] } },
    });
    expect((await post(message({}))).status).toBe(403);
    await answered(1);
    expect(await told('auth_refused_total')).toEqual({
      'consent_sync_auth_refused_total{reason="address"}': 1,
    });
  });

  test('count a caller that went away before it was answered', async () => {
    const gone = new AbortController();
    const { url, told, answered } = await counted({
      logger: pino({ level: 'silent' }),
      client: {
        submit: () => {
          gone.abort();
          return new Promise((resolve) => setTimeout(() => resolve([]), 200));
        },
      },
    });
    await fetch(`${url}/webhooks/didomi`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message({})),
      signal: gone.signal,
    }).catch(() => {});
    await answered(1);
    expect(await told('webhook_requests_total')).toEqual({
      'consent_sync_webhook_requests_total{status="no_answer"}': 1,
    });
  });

  test('hold nothing of what was sent', async () => {
    const { post, metrics, answered } = await counted();
    const secret = 'marker-that-nobody-else-has';
    await post({ ...message({ id: secret }), type: secret, regulation: secret });
    await post({ ...message({}), regulation: secret });
    await post(`{"${secret}"`);
    await answered(3);
    expect(await metrics.text()).not.toContain(secret);
  });
});
