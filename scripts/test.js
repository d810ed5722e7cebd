// Runs all tests that CI runs, in stages: what computes shares the cores, what waits for Temporal has the machine for
// itself. A stage that fails does not keep the later ones from telling.
const { spawnSync } = require('node:child_process');

const STAGES = ['test:unit', 'test:properties', 'test:replay', 'test:integration'];

const failed = STAGES.filter((stage) => spawnSync('npm', ['run', stage], { stdio: 'inherit' }).status !== 0);
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
