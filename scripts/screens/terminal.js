// Runs a command on a pseudo terminal, and keeps what it writes there.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');

const BIN = join(__dirname, '../../bin/consent-sync.js');
/** Wide enough that nothing is broken into two lines; pictures are cut to what is used. */
const COLUMNS = 188;
const ROWS = 60;
const EXIT_USAGE = 2;

/**
 * A consent-sync command on a terminal of its own, by `script` of util-linux.
 *
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} where
 */
function onTerminal(args, { cwd, env }) {
  const command = [process.execPath, BIN, ...args]
    .map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`)
    .join(' ');
  const child = spawn(
    'script',
    [
      '--quiet',
      '--flush',
      '--return',
      '--command',
      `stty cols ${COLUMNS} rows ${ROWS}; exec ${command}`,
      '/dev/null',
    ],
    { cwd, env: { ...env, TERM: 'xterm-256color', SHELL: '/bin/sh' }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let written = '';
  let heard = () => {};
  child.stdout.setEncoding('utf8').on('data', (text) => {
    written += text;
    heard();
  });
  const ended = once(child, 'close').then(
    ([code]) => code,
    (error) => {
      throw new Error(`\`script\` of util-linux is needed: ${error.message}`);
    },
  );
  const shown = (text) => ({ command: ['consent-sync', ...args].join(' '), text });
  return {
    /** Everything, when it has ended. @throws Error when it could not even begin */
    atEnd: async () => {
      if ((await ended) === EXIT_USAGE) throw new Error(`"${args.join(' ')}" was refused:\n${written}`);
      return shown(written);
    },
    /** What was on the terminal when it first matched. */
    when: async (pattern) => {
      while (!pattern.test(written)) {
        if (child.exitCode !== null)
          throw new Error(`"${args.join(' ')}" never wrote ${pattern}:\n${written}`);
        const more = new Promise((resolve) => {
          heard = resolve;
        });
        await Promise.race([more, ended]);
      }
      return shown(written);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

module.exports = { onTerminal, COLUMNS };
