// Sees whether every package of the lockfile that is installed here has a licence that we may use, and whether what
// runs code when it is installed is known. Packages for other platforms have the licence of the one that chooses them.
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

/** They ask for nothing but that their text is kept. */
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
]);

/** Packages that need a word of their own. */
const JUDGED = {
  // Data about browsers, which names its authors; only tools that build or test use it.
  'caniuse-lite': 'CC-BY-4.0',
  // The Unlicense, in its LICENSE file alone.
  unionfs: undefined,
  // Used by tests alone, never shipped; it says MIT in its README.
  '@getbrevo/brevo': undefined,
};

const read = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));
const { packages } = read('package-lock.json');
/** Each package with an install script is either allowed to run it or denied, by npm itself. */
const { allowScripts } = read('package.json');
const problems = [];
let checked = 0;
for (const [folder, locked] of Object.entries(packages)) {
  if (folder === '') continue;
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (locked.hasInstallScript && !Object.hasOwn(allowScripts, name)) {
    problems.push(`${name} runs code when it is installed: npm install-scripts deny ${name}`);
  }
  // Also of those for other platforms: npm leaves it out where it wrote the lockfile without having asked for them.
  if (!locked.link && !locked.integrity) {
    problems.push(
      `${name} has no checksum in the lockfile: remove its entry, then npm install --package-lock-only`,
    );
  }
  const manifest = join(root, folder, 'package.json');
  if (!existsSync(manifest)) continue;
  checked += 1;
  const licence = locked.license ?? read(join(folder, 'package.json')).license;
  if (Object.hasOwn(JUDGED, name) && JUDGED[name] === licence) continue;
  if (!allowed(licence)) problems.push(`${name} ${locked.version} has the licence ${licence ?? '(none)'}`);
}

if (problems.length > 0) {
  console.error(
    `${problems.join('\n')}\nAsk whether we may use it, then list it in scripts/check-licences.js.`,
  );
  process.exit(1);
}
console.log(`${checked} packages: licences and install scripts are known`);

/** An SPDX expression of the simple kinds that occur: A, (A OR B), A AND B. */
function allowed(licence) {
  if (typeof licence !== 'string') return false;
  return licence
    .replace(/^\((.*)\)$/, '$1')
    .split(' AND ')
    .every((part) => part.split(' OR ').some((one) => PERMISSIVE.has(one)));
}
