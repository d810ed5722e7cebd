/**
 * Takes the pictures of docs/screens.md anew, from what the programs really show: npm run screens
 *
 * Runs a small service on simulated accounts, and the demo; needs Linux, Chromium on PATH (or its path in CHROMIUM), and
 * about three minutes. Times, ports and ids differ from one time to the next, what is shown does not.
 *
 * node scripts/screens.js NAME… takes only the pictures whose names begin so.
 */
const { join } = require('node:path');
const { openCamera } = require('./screens/camera');
const { ANA, HELD, startScene } = require('./screens/scene');
const { onTerminal } = require('./screens/terminal');

const FOLDER = join(__dirname, '../docs/screens');
const SEED = '7';
const SHOW_CURSOR = '\x1b[?25h';

const wanted = process.argv.slice(2);
const isWanted = (...names) =>
  wanted.length === 0 || names.some((name) => wanted.some((one) => name.startsWith(one)));

async function main() {
  const camera = await openCamera(FOLDER);
  try {
    const scene = await startScene();
    try {
      await pagesOfContacts(camera, scene);
      await terminalViews(camera, scene);
      await resync(camera, scene);
      await demo(camera, scene);
    } finally {
      await scene.close();
    }
  } finally {
    await camera.close();
  }
}

async function pagesOfContacts(camera, scene) {
  if (isWanted('temporal-list-held')) {
    await camera.page('temporal-list-held', {
      url: scene.listOf('ConsentSyncOutcome="held"'),
      width: 1280,
      height: 580,
      ready: (page) => page.getByText('consent-sync/travel/').first().waitFor(),
    });
  }
  if (isWanted('temporal-contact-history')) {
    await camera.page('temporal-contact-history', {
      url: scene.pageOf(await scene.workflowOf(ANA)),
      width: 1280,
      height: 1050,
      ready: (page) => page.getByText('createContact').first().waitFor(),
    });
  }
  if (isWanted('temporal-contact-held')) {
    const url = scene.pageOf(await scene.workflowOf(HELD));
    await camera.page('temporal-contact-held', currentDetails(url, 900, 'Waiting for Brevo'));
  }
}

/** @param {string} text that the details hold */
function currentDetails(url, height, text) {
  const ready = async (page) => {
    await page.getByText('User Metadata').click();
    await page.waitForFunction(() => document.querySelector('iframe') !== null);
    const deadline = Date.now() + 30_000;
    const isShown = async () => {
      const counts = await Promise.all(page.frames().map((frame) => frame.getByText(text).count()));
      return counts.some((count) => count > 0);
    };
    while (!(await isShown())) {
      if (Date.now() > deadline) throw new Error(`${url} does not show "${text}".`);
      await page.waitForTimeout(200);
    }
  };
  return { url, width: 1640, height, ready };
}

async function terminalViews(camera, scene) {
  const views = {
    'terminal-trace': ['trace', ANA],
    'terminal-failures': ['failures', 'list'],
    'terminal-doctor': ['doctor'],
  };
  for (const [name, args] of Object.entries(views)) {
    if (isWanted(name)) await camera.terminal(name, await onTerminal(args, scene).atEnd());
  }
}

async function resync(camera, scene) {
  const names = { terminal: 'terminal-resync', page: 'temporal-resync' };
  if (!isWanted(names.terminal, names.page)) return;
  const terminal = onTerminal(['resync', 'start', 'export.ndjson', '--integration', 'shop'], scene);
  try {
    const shown = await terminal.when(/submitted [1-9]\d* of .* left/);
    const [, run] = /^Resync (\S+) of/m.exec(shown.text);
    const url = scene.pageOf(`consent-resync/shop/${run}`);
    await camera.page(names.page, currentDetails(url, 1000, 'submitting'));
    await camera.terminal(names.terminal, shown);
  } finally {
    await terminal.stop();
  }
}

async function demo(camera, scene) {
  const names = { live: 'terminal-demo-outage', end: 'terminal-demo-result' };
  if (!isWanted(names.live, names.end)) return;
  // With a level set, it would write its log between the lines of its live view.
  const env = { ...scene.env, LOG_LEVEL: undefined };
  const terminal = onTerminal(['demo', '--once', '--seed', SEED], { ...scene, env });
  try {
    // Brevo refuses the key for some seconds, and ten contacts wait.
    await camera.terminal(names.live, await terminal.when(/held \S\[1m[1-9]\d/));
    const { command, text } = await terminal.atEnd();
    await camera.terminal(names.end, { command, text: afterTheLiveView(text) });
  } finally {
    await terminal.stop();
  }
}

function afterTheLiveView(text) {
  return text.slice(text.lastIndexOf(SHOW_CURSOR) + SHOW_CURSOR.length).replace(/^[\r\n]+/, '\r\n');
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
