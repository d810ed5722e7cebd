// Starts the chaos harness, which is TypeScript: npm run chaos -- --minutes N --seed S
require('../support/load-typescript.js');

const { main } = require('./main.ts');
void main(process.argv.slice(2));
