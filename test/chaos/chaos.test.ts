import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SEED } from '../support/seed';

/** Building the Temporal server takes minutes, once; a busy machine takes its time to settle. */
const TIMEOUT_MS = 40 * 60_000;
const MINUTES = process.env.CHAOS_MINUTES ?? '1';

test(
  'every message that got a 202 reaches Brevo, whatever is killed meanwhile, and no log tells who it is about',
  async () => {
    const child = spawn(
      process.execPath,
      [join(__dirname, 'run.js'), '--minutes', MINUTES, '--seed', String(SEED)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let table = '';
    child.stdout.on('data', (chunk) => {
      table += chunk;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    process.stderr.write(table);
    expect({ code, table }).toEqual({ code: 0, table: expect.stringMatching(/violations +0\n/) });
  },
  TIMEOUT_MS,
);
