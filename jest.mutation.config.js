const { projects } = require('./jest.config.js');

// Each mutant runs all tests that reach it: fewer generated cases each than the test suite has.
process.env.PROPERTY_CASES ??= '40';

/** What holds consent/ to its rules without a server. */
module.exports = {
  ...projects.find(({ displayName }) => displayName === 'unit'),
  testMatch: [
    '<rootDir>/test/unit/consent/**/*.test.ts',
    '<rootDir>/test/unit/workflows/**/*.test.ts',
    '<rootDir>/test/properties/decide-end-state.test.ts',
    '<rootDir>/test/properties/every-order.test.ts',
  ],
};
