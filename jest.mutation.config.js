const { projects } = require('./jest.config.js');

/** What holds consent/ to its rules, fast: run once for every mutant, by the tests that reach it. */
module.exports = {
  ...projects.find(({ displayName }) => displayName === 'unit'),
  testMatch: ['<rootDir>/test/unit/consent/**/*.test.ts', '<rootDir>/test/unit/workflows/**/*.test.ts'],
};
