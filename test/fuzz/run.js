// Starts the long fuzzing run, which is TypeScript: npm run fuzz -- --inputs N --seed S
require('../support/load-typescript.js');

const { main } = require('./main.ts');
void main(process.argv.slice(2));
