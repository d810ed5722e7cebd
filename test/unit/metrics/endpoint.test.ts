import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../../config';
import { type MetricsEndpoint, serveMetrics } from '../../../metrics/endpoint';
import { SdkMetrics } from '../../../metrics/sdk-metrics';

const running: MetricsEndpoint[] = [];
afterEach(async () => {
  for (const endpoint of running.splice(0)) await endpoint.close();
});

async function serving(text: () => Promise<string> = async () => 'metric 1\n') {
  const endpoint = await serveMetrics({ host: '127.0.0.1', port: 0, text });
  running.push(endpoint);
  const { port } = endpoint.address as AddressInfo;
  return { port, endpoint, url: `http://127.0.0.1:${port}` };
}

describe('the endpoint of metrics', () => {
  test('answers GET /metrics with Prometheus text', async () => {
    const { url } = await serving();
    const answer = await fetch(`${url}/metrics?x=1`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toBe('metric 1\n');
  });

  test.each(['/', '/metrics/', '/Metrics', '/webhooks/didomi', '//metrics'])(
    'has nothing at %s',
    async (path) => {
      const { url } = await serving();
      expect((await fetch(url + path)).status).toBe(404);
    },
  );

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('takes no %s', async (method) => {
    const { url } = await serving();
    const answer = await fetch(`${url}/metrics`, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  });

  test('collects once for those who ask at the same time, and anew for the next', async () => {
    let made = 0;
    let give = (): void => {};
    const given = new Promise<void>((resolve) => {
      give = resolve;
    });
    const { url } = await serving(async () => {
      made += 1;
      await given;
      return `made ${made}\n`;
    });
    const asked = [fetch(`${url}/metrics`), fetch(`${url}/metrics`)];
    await new Promise((resolve) => setTimeout(resolve, 100));
    give();
    expect(await Promise.all((await Promise.all(asked)).map((one) => one.text()))).toEqual([
      'made 1\n',
      'made 1\n',
    ]);
    expect(await (await fetch(`${url}/metrics`)).text()).toBe('made 2\n');
  });

  test('answers 500 when they cannot be collected, and says nothing of why', async () => {
    const { url } = await serving(() => Promise.reject(new Error('secret')));
    const answer = await fetch(`${url}/metrics`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
  });

  test('names the variable, and what to do, when its port is taken', async () => {
    const { port } = await serving();
    const taken = serveMetrics({ host: '127.0.0.1', port, text: async () => '' });
    await expect(taken).rejects.toBeInstanceOf(ConfigError);
    await expect(taken).rejects.toThrow(/METRICS_PORT.*another process listens there.*METRICS_HOST/s);
  });

  test('ends at once, whoever is still connected', async () => {
    const { url, endpoint } = await serving();
    await (await fetch(`${url}/metrics`, { headers: { connection: 'keep-alive' } })).text();
    await endpoint.close();
    await expect(fetch(`${url}/metrics`)).rejects.toThrow();
  });
});

test('the metrics of the SDK are left out where it does not tell them', async () => {
  expect(await (await SdkMetrics.open()).text()).toBe('');
});
