// Compiles to dist/ and bundles the workflows, so that every command starts without compiling anything.
const { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { spawnSync } = require('node:child_process');

const root = join(__dirname, '..');
const dist = join(root, 'dist');

async function build() {
  const tsc = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'tsc.cmd' : 'tsc');
  if (process.argv.includes('--if-possible') && !existsSync(tsc)) {
    console.error('consent-sync: no compiler is installed (--omit=dev): dist/ is left as it is.');
    return;
  }
  rmSync(dist, { recursive: true, force: true });
  const { status } = spawnSync(tsc, ['-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  await bundleWorkflows('workflow-bundle.js', {});
  // What a workflow says when it fails is put where it is encrypted.
  const failureConverterPath = join(dist, 'encryption', 'failure-converter.js');
  await bundleWorkflows('workflow-bundle-encrypting.js', { failureConverterPath });
}

async function bundleWorkflows(name, options) {
  const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(dist, 'workflows', 'index.js'),
    workflowInterceptorModules: ['read-ahead.js', 'trace-relay.js'].map((name) =>
      join(dist, 'workflows', name),
    ),
    logger: new DefaultLogger('WARN'),
    ...options,
  });
  mkdirSync(dist, { recursive: true });
  // Written whole: a process that starts meanwhile must not read half of it.
  const partial = join(dist, `${name}.partial`);
  writeFileSync(partial, code);
  renameSync(partial, join(dist, name));
}

build().catch((error) => {
  console.error(error);
  process.exit(1);
});
