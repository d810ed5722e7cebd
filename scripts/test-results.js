const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** A reporter of Jest's that leaves how many tests passed and failed in a file of its own in a folder. */
module.exports = class TestResults {
  constructor(_, { folder }) {
    this.folder = folder;
  }

  onRunComplete(_, { numPassedTests, numFailedTests }) {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(
      join(this.folder, `${process.pid}.json`),
      JSON.stringify({ numPassedTests, numFailedTests }),
    );
  }
};
