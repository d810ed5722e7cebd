// Compiles to dist/ and bundles the workflows, so that every command starts without compiling anything.
const { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { spawnSync } = require('node:child_process');

const root = join(__dirname, '..');
const dist = join(root, 'dist');
/** Made here, and put in place whole: a build that is interrupted, or beside a running service, leaves dist/ usable. */
const made = join(root, `dist.partial-${process.pid}`);
/** Written last. */
const ENCRYPTING = 'workflow-bundle-encrypting.js';

async function build() {
  const tsc = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'tsc.cmd' : 'tsc');
  if (process.argv.includes('--if-possible')) {
    if (!existsSync(tsc)) {
      console.error('consent-sync: no compiler is installed (--omit=dev): dist/ is left as it is.');
      return;
    }
    // npx in a checkout prepares it too.
    if (isUpToDate()) return;
  }
  const tscArguments = ['-p', join(root, 'tsconfig.build.json'), '--outDir', made];
  const { status } = spawnSync(tsc, tscArguments, { stdio: 'inherit' });
  if (status !== 0) throw new Error('it does not compile');
  await bundleWorkflows('workflow-bundle.js', {});
  // What a workflow says when it fails is put where it is encrypted.
  const failureConverterPath = join(made, 'encryption', 'failure-converter.js');
  await bundleWorkflows(ENCRYPTING, { failureConverterPath });
  const before = `${made}-before`;
  if (existsSync(dist)) renameSync(dist, before);
  renameSync(made, dist);
  rmSync(before, { recursive: true, force: true });
}

/** Whether dist/ was built to its end after everything that it is made of was last changed. */
function isUpToDate() {
  const end = join(dist, ENCRYPTING);
  if (!existsSync(end)) return false;
  const builtAt = statSync(end).mtimeMs;
  const { include } = require('../tsconfig.build.json');
  const folders = include.map((pattern) => pattern.split('/')[0]);
  const others = [
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts',
    'node_modules/.package-lock.json',
  ];
  return [...folders, ...others].every((name) => newestIn(join(root, name)) <= builtAt);
}

/** When something of it was last changed, in ms; 0 where it is not there. */
function newestIn(path) {
  if (!existsSync(path)) return 0;
  const about = statSync(path);
  if (!about.isDirectory()) return about.mtimeMs;
  const within = readdirSync(path).map((name) => newestIn(join(path, name)));
  return Math.max(about.mtimeMs, ...within);
}

async function bundleWorkflows(name, options) {
  const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(made, 'workflows', 'index.js'),
    workflowInterceptorModules: ['read-ahead.js', 'trace-relay.js'].map((name) =>
      join(made, 'workflows', name),
    ),
    logger: new DefaultLogger('WARN'),
    ...options,
  });
  writeFileSync(join(made, name), code);
}

build()
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => rmSync(made, { recursive: true, force: true }));
