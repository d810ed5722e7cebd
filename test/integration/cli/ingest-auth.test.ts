import { spawn } from 'node:child_process';
import { request } from 'node:https';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../../simulator';
import { selfSigned } from '../../support/certificate';
import { eventCreated, someone } from '../support/harness';
import { commandLines, config, sharedTemporal } from './support';

const HEALTH_CHECK = resolve(__dirname, '../../../ops/health-check.js');
const SECRET = 'a-secret-of-didomi-for-tests';
const commandLine = commandLines();
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ requestsPerSecond: 0 });
});
afterAll(() => simulator.close());

interface Answer {
  readonly status: number | undefined;
  readonly body: Record<string, unknown>;
}

/** Over TLS, trusting the one certificate. */
function post(url: URL, ca: string, headers: Record<string, string>, text: string): Promise<Answer> {
  return new Promise((done, reject) => {
    request(url, { method: 'POST', ca, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        body += chunk;
      });
      response.once('end', () => done({ status: response.statusCode, body: JSON.parse(body) }));
    })
      .once('error', reject)
      .end(text);
  });
}

test('ingest takes a webhook as Didomi sends it: over TLS, with a token that it fetched with its secret', async () => {
  const line = await commandLine({
    ...sharedTemporal(),
    BREVO_API_URL: simulator.url,
    DIDOMI_CLIENT_SECRET: SECRET,
    LOG_LEVEL: 'debug',
  });
  const pair = selfSigned();
  await line.write('cert.pem', pair.cert);
  await line.write('key.pem', pair.key);
  const clients = [{ id: 'didomi', secret: `\${DIDOMI_CLIENT_SECRET}` }];
  await line.write('consent-sync.json', {
    ...config(),
    ingest: {
      auth: { type: 'oauth', clients },
      allowed_ips: ['127.0.0.1'],
      tls: { cert: 'cert.pem', key: 'key.pem' },
    },
  });
  const { child, printed, ended, stderr } = line.start('ingest', '--json');
  const [announced] = await printed(/^\{.*\}$/m);
  const webhook = new URL(JSON.parse(announced).webhookUrl);
  expect(webhook.protocol).toBe('https:');

  const json = { 'content-type': 'application/json' };
  const event = JSON.stringify(eventCreated(someone(), false));
  expect((await post(webhook, pair.cert, json, event)).status).toBe(401);
  const { status, body } = await post(
    new URL('/oauth/token', webhook),
    pair.cert,
    {
      authorization: `Basic ${btoa(`didomi:${SECRET}`)}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    'grant_type=client_credentials',
  );
  expect([status, body.token_type]).toEqual([200, 'Bearer']);
  const authorization = `Bearer ${body.access_token}`;
  expect(await post(webhook, pair.cert, { ...json, authorization }, event)).toMatchObject({
    status: 202,
    body: { accepted: 1 },
  });

  const env = {
    ...process.env,
    ...sharedTemporal(),
    PORT: webhook.port,
    DIDOMI_CLIENT_SECRET: SECRET,
    CONSENT_SYNC_CONFIG: join(line.folder, 'consent-sync.json'),
  };
  const probe = spawn(process.execPath, [HEALTH_CHECK], { env, stdio: 'ignore' });
  expect(await new Promise((done) => probe.once('close', done))).toBe(0);

  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0 });
  expect(stderr()).not.toMatch(
    new RegExp(`${SECRET}|${String(body.access_token)}|${btoa(SECRET).slice(0, 12)}`),
  );
}, 60_000);
