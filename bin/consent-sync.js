#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '..', 'dist', 'cli', 'main.js');
if (existsSync(main)) {
  require(main).main(require('../package.json').version);
} else {
  console.error('consent-sync is not compiled yet. Run: npm run build');
  process.exitCode = 1;
}
