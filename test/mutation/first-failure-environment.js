const { TestEnvironment } = require('jest-environment-node');

/** Skips what is left of a test file after the first failure: it tells enough of a mutant. */
module.exports = class extends TestEnvironment {
  failed = false;

  handleTestEvent(event) {
    if (event.name === 'test_fn_failure') this.failed = true;
    if (event.name === 'test_start' && this.failed) event.test.mode = 'skip';
  }
};
