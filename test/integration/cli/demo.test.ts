import { expect, test } from '@jest/globals';
import { commandLines } from './support';

const commandLine = commandLines();

test('a demo ends with Brevo holding what it should', async () => {
  const { run } = await commandLine();
  const { code, stdout, stderr } = await run('demo', '--once', '--json', '--events', '120', '--seed', '42');
  const result = JSON.parse(stdout);
  expect({ ...result, stderr }).toMatchObject({ ok: true, differences: [], unsettled: [] });
  expect(code).toBe(0);
  const { events, accepted, outcomes, brevoCalls } = result;
  expect(events).toBeGreaterThan(100);
  expect(Object.values<number>(outcomes).reduce((sum, count) => sum + count, 0)).toBe(accepted);
  expect(Object.keys(outcomes)).toEqual(
    expect.arrayContaining(['created', 'updated', 'skipped', 'stale', 'guarded', 'rejected']),
  );
  expect(brevoCalls).toBeGreaterThan(0);
}, 240_000);

test('a demo that is interrupted leaves nothing behind', async () => {
  const { start } = await commandLine();
  const demo = start('demo');
  const ui = await new Promise<string>((resolve) => {
    demo.child.stderr?.on('data', () => {
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(demo.stderr()) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
  expect((await fetch(ui)).status).toBe(200);
  demo.child.kill('SIGINT');
  expect(await demo.ended).toMatchObject({ code: 1, stdout: '' });
  await expect(fetch(ui)).rejects.toThrow();
}, 60_000);
