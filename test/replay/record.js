// Starts the recorder, which is TypeScript, without a build before it: npm run fixtures:record [-- --again]
const { transformFileSync } = require('@swc/core');

require.extensions['.ts'] = (module, file) => {
  const { code } = transformFileSync(file, {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  });
  module._compile(code, file);
};

const { main } = require('./recorder.ts');
void main(process.argv.slice(2));
