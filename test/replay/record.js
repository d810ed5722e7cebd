// Starts the recorder, which is TypeScript, without a build before it: npm run fixtures:record [-- --again]
require('../support/load-typescript.js');

const { main } = require('./recorder.ts');
void main(process.argv.slice(2));
