// Lets a plain Node program load the TypeScript of this repository without a build before it. For programs beside the
// tests: require this first.
const { transformFileSync } = require('@swc/core');

require.extensions['.ts'] = (module, file) => {
  const { code } = transformFileSync(file, {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    // `import()` stays: only that loads packages that are ES modules.
    module: { type: 'commonjs', ignoreDynamic: true },
    sourceMaps: 'inline',
  });
  module._compile(code, file);
};
