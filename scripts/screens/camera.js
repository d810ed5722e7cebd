// Takes the pictures: headless Chromium shows the pages of the Temporal UI, and a terminal emulator in a page of its own.
const { existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { homedir, hostname } = require('node:os');
const { delimiter, join } = require('node:path');
const { chromium } = require('playwright-core');

const { COLUMNS } = require('./terminal');

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
/** Its sandbox does not run as root, as in a container. */
const CHROMIUM_ARGS = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const PATIENCE_MS = 60_000;
const SETTLE_MS = 1_500;
const XTERM = require.resolve('@xterm/xterm');
const XTERM_CSS = join(XTERM, '../../css/xterm.css');

/** @throws Error that says what to install */
function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (found) return found;
  throw new Error(
    'Chromium is needed: install it (Debian and Ubuntu: apt install chromium), or set CHROMIUM to its path.',
  );
}

/** @param {string} folder where the pictures go */
async function openCamera(folder) {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: CHROMIUM_ARGS,
    timeout: PATIENCE_MS,
  });
  mkdirSync(folder, { recursive: true });
  const context = await browser.newContext({ timezoneId: 'UTC', locale: 'en-US' });
  context.setDefaultTimeout(PATIENCE_MS);
  // Nothing of a picture comes from elsewhere.
  await context.route(
    (url) => url.hostname !== '127.0.0.1',
    (route) => route.abort(),
  );

  const keep = async (name, target, text) => {
    refuseNamesOfThisMachine(name, text);
    writeFileSync(join(folder, `${name}.png`), await target.screenshot({ animations: 'disabled' }));
    console.log(`${name}.png`);
  };

  return {
    /**
     * @param {{ url: string, width: number, height: number, ready: (page: import('playwright-core').Page) => Promise<void> }} what
     * `ready` resolves when the page is worth a picture
     */
    page: async (name, { url, width, height, ready }) => {
      const page = await context.newPage();
      await page.setViewportSize({ width, height });
      await page.goto(url);
      await ready(page);
      // Frames and tables of the UI find their size a moment after their content.
      await page.waitForTimeout(SETTLE_MS);
      await keep(name, page, await page.textContent('body'));
      await page.close();
    },
    /** @param {{ command: string, text: string }} shown as `onTerminal` gives it */
    terminal: async (name, { command, text }) => {
      const page = await context.newPage();
      await page.setContent(
        `<style>${readFileSync(XTERM_CSS, 'utf8')}
          body { margin: 0 } #frame { display: inline-block; padding: 14px 16px; background: #16181d }
        </style><div id="frame"></div>`,
      );
      await page.addScriptTag({ path: XTERM });
      await page.evaluate(drawTerminal, {
        text: `\x1b[2m$\x1b[0m ${command}\r\n${text.replace(/[\r\n]+$/, '')}\x1b[?25l`,
        columns: COLUMNS,
      });
      await keep(name, page.locator('#frame'), text);
      await page.close();
    },
    close: () => browser.close(),
  };
}

/** Runs in the page. Cuts the terminal to what is written on it. */
async function drawTerminal({ text, columns }) {
  const terminal = new window.Terminal({
    cols: columns,
    rows: 200,
    scrollback: 0,
    fontFamily: '"DejaVu Sans Mono", monospace',
    fontSize: 13,
    cursorStyle: 'bar',
    cursorInactiveStyle: 'none',
    theme: { background: '#16181d', foreground: '#d8dbe2' },
  });
  terminal.open(document.getElementById('frame'));
  await new Promise((resolve) => terminal.write(text, resolve));
  const buffer = terminal.buffer.active;
  const lines = Array.from(
    { length: terminal.rows },
    (_, row) => buffer.getLine(row)?.translateToString(true) ?? '',
  );
  const width = Math.max(...lines.map((line) => line.length));
  const height = lines.findLastIndex((line) => line !== '') + 1;
  terminal.resize(Math.min(width + 1, columns), Math.max(height, buffer.cursorY + 1));
  await new Promise((resolve) =>
    terminal.write('', () => requestAnimationFrame(() => setTimeout(resolve, 200))),
  );
}

/** They are nobody's business. */
function refuseNamesOfThisMachine(name, text) {
  const names = [`@${hostname()}`, homedir(), join(__dirname, '../..')];
  const found = names.find((one) => text.includes(one));
  if (found !== undefined) throw new Error(`${name}.png would show "${found}".`);
}

module.exports = { openCamera };
