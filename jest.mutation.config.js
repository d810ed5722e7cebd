const { projects } = require('./jest.config.js');

// Each mutant runs all tests that reach it: with fewer generated cases than the test suite has, and a failure is enough.
process.env.PROPERTY_CASES ??= '25';
process.env.PROPERTY_SHRINK ??= 'no';

/** What holds consent/ to its rules, in seconds. */
module.exports = {
  ...projects.find(({ displayName }) => displayName === 'unit'),
  testMatch: ['<rootDir>/test/mutation/consent.test.js'],
  testEnvironment: require.resolve('./test/mutation/first-failure-environment.js'),
};
