import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Evidence } from '../../support/leaks/evidence';
import type { commandLines, Ended } from '../cli/support';
import { NEWSLETTER } from '../support/harness';
import { KEY, MARKERS, OTHER_KEY } from './persons';

export type CommandLine = Awaited<ReturnType<ReturnType<typeof commandLines>>>;

const OFTEN = 'consents_purposes_newsletter_values_often_value';
const FLAG = { id: 'EMAIL_CAMPAIGNS_SUBSCRIBED', value: NEWSLETTER };

/** Integrations with names that no other test uses. */
export function integrationNames() {
  const own = randomUUID();
  return { mail: `mail-${own}`, phone: `phone-${own}`, ext: `ext-${own}` };
}

/** Two accounts, and every kind of identifier but contact ids. */
export function settingsOf(
  { mail, phone, ext }: ReturnType<typeof integrationNames>,
  didomiUrl: string,
  more: object = {},
): object {
  return {
    integrations: {
      [mail]: {
        upsert_mode: true,
        config: { api_key: KEY, list_id: 7, properties: [{ id: 'FREQUENCY_TEXT', value: OFTEN }, FLAG] },
      },
      [phone]: {
        upsert_mode: true,
        config: { api_key: OTHER_KEY, properties: [{ id: 'FREQUENCY_TEXT', value: OFTEN }, FLAG] },
        options: { identifier: 'phone' },
      },
      [ext]: {
        upsert_mode: true,
        config: { api_key: OTHER_KEY, properties: [{ id: 'OPT_EMAIL', value: NEWSLETTER }] },
        options: { identifier: 'ext_id' },
      },
    },
    ingest: {
      auth: { type: 'oauth', clients: [{ id: 'didomi', secret: MARKERS.clientSecret }] },
      max_body_bytes: 60_000,
    },
    didomi: {
      organization_id: 'acme',
      api_key: MARKERS.didomiKey,
      api_secret: MARKERS.didomiSecret,
      api_url: didomiUrl,
    },
    temporal: { task_queue: `canary-${randomUUID()}` },
    brevo: { requests_per_second: 200 },
    ...more,
  };
}

/** Of the service and all commands. */
export async function environment(brevoUrl: string): Promise<Record<string, string>> {
  return {
    TEMPORAL_ADDRESS: process.env.TEST_TEMPORAL_ADDRESS ?? '',
    CONSENT_SYNC_ID_KEY: MARKERS.idKey.repeat(2),
    BREVO_API_URL: brevoUrl,
    LOG_LEVEL: 'debug',
    METRICS_PORT: String(await freePort()),
  };
}

/** A service that runs, as Didomi sees it. */
export class Service {
  private constructor(
    private readonly running: ReturnType<CommandLine['start']>,
    readonly base: string,
    readonly authorization: string,
  ) {}

  static async start(line: CommandLine): Promise<Service> {
    const running = line.start('start', '--json');
    const [announced] = await running.printed(/^\{.*\}$/m);
    const { origin } = new URL(JSON.parse(announced).webhookUrl);
    const response = await fetch(`${origin}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'didomi',
        client_secret: MARKERS.clientSecret,
      }),
    });
    const { access_token } = (await response.json()) as { access_token: string };
    return new Service(running, origin, `Bearer ${access_token}`);
  }

  /** @returns the answer */
  async post(body: unknown): Promise<string> {
    const response = await fetch(`${this.base}/webhooks/didomi`, {
      method: 'POST',
      headers: { authorization: this.authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status !== 202) throw new Error(`${response.status}: ${text}`);
    return text;
  }

  logged(pattern: RegExp): boolean {
    return pattern.test(this.running.stderr());
  }

  async stop(): Promise<Ended> {
    this.running.child.kill('SIGTERM');
    return this.running.ended;
  }
}

/** What the metrics endpoint answers. */
export async function metrics(port: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  if (!response.ok) throw new Error(`/metrics answers ${response.status}`);
  return response.text();
}

/** Adds all that a command printed. */
export async function addCommand(
  evidence: Evidence,
  line: CommandLine,
  kind: string,
  ...args: string[]
): Promise<Ended> {
  const ended = await line.run(...args);
  evidence.add(kind, args.join(' '), ended.stdout);
  evidence.add('errors', args.join(' '), ended.stderr);
  return ended;
}

/** Adds what lies in a folder. @param kindOf a file's */
export async function addFiles(
  evidence: Evidence,
  folder: string,
  kindOf: (name: string) => string,
): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    evidence.add('file names', path, path);
    if (entry.isFile()) evidence.add(kindOf(entry.name), path, await readFile(path, 'latin1'));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
