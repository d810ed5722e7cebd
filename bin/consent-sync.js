#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const SERVICES = ['start', 'ingest', 'worker'];

const main = join(__dirname, '..', 'dist', 'cli', 'main.js');
if (existsSync(main)) {
  // Before everything else is loaded, which takes a second or two.
  if (SERVICES.includes(process.argv[2])) require('../dist/cli/service/early-signals').heedEarlySignals();
  require(main).main(require('../package.json').version);
} else {
  console.error('consent-sync is not compiled yet. Run: npm run build');
  process.exitCode = 1;
}
