const { readdirSync } = require('node:fs');
const { join } = require('node:path');

// In one file: jest loads every test file anew for each mutant, also those of which no test is to run.
const consent = join(__dirname, '../unit/consent');
for (const name of readdirSync(consent)) {
  if (name.endsWith('.test.ts')) require(join(consent, name));
}
require('../properties/decide-end-state.test');
