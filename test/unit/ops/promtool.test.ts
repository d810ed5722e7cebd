import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolders } from '../../support/temporary-folder';
import { ROOT, readText } from './compose-file';
import { dashboardQueries, RULE_TESTS } from './monitoring-files';

const temporaryFolder = temporaryFolders();

/** Prometheus' own tool; it comes with Prometheus. Where it is missing these tests have nothing to ask. */
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

/** Tests of rules compute for a while. */
const PATIENCE_MS = 300_000;

(hasPromtool ? describe : describe.skip)('Where promtool is installed, it', () => {
  it('accepts the rules, and the scrape configuration', () => {
    promtool('check', 'rules', 'ops/prometheus/rules.yml');
    promtool('check', 'config', 'ops/prometheus/prometheus.yml');
  });

  it('accepts the scrape configuration for Kubernetes, but for the discovery that its builds may lack', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'prometheus.yml');
    const text = readText('ops/prometheus/prometheus.kubernetes.yml');
    const discovery = /kubernetes_sd_configs:\n\s+- role: pod\n/;
    expect(text).toMatch(discovery);
    writeFileSync(
      file,
      text
        .replace(discovery, "static_configs: [{ targets: ['127.0.0.1'] }]\n")
        .replace(/^ {2}- rules.yml\n/m, ''),
    );
    promtool('check', 'config', file);
  });

  it('understands every query of the dashboard', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'dashboard.yml');
    const rules = dashboardQueries.map((expr, index) => ({ record: `query:${index}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    promtool('check', 'rules', file);
  });

  it.each(RULE_TESTS)(
    'finds that the alerts fire and clear as %s says',
    (file) => {
      promtool('test', 'rules', file);
    },
    PATIENCE_MS,
  );
});

function promtool(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: ROOT, encoding: 'utf8' });
  expect(status === 0 ? '' : `${stdout}${stderr}`).toBe('');
}
