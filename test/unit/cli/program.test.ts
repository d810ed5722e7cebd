import { describe, expect, test } from '@jest/globals';
import { CommanderError } from 'commander';
import type { ExitCode } from '../../../cli/exit';
import { collectAttribute, parseCount, parsePort, parseRate } from '../../../cli/option-values';
import { buildProgram } from '../../../cli/program';

/** Runs a command line with everything that commander prints taken aside. */
async function run(...args: string[]): Promise<{ exitCode?: ExitCode; printed: string }> {
  let exitCode: ExitCode | undefined;
  let printed = '';
  const program = buildProgram('1.2.3', (code) => {
    exitCode = code;
  });
  const keep = (text: string) => {
    printed += text;
  };
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap(({ commands }) => commands),
  ]) {
    command.configureOutput({ writeOut: keep, writeErr: keep });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
  }
  return { ...(exitCode !== undefined && { exitCode }), printed };
}

describe('the command line', () => {
  const commands = ['demo', 'start', 'ingest', 'worker', 'simulator', 'send', 'trace', 'forget', 'setup'];

  test('--help names every command', async () => {
    const { printed } = await run('--help');
    for (const command of [...commands, 'config']) {
      expect(printed).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    }
  });

  test.each([...commands.map((name) => [name]), ['config', 'check'], ['config', 'schema']])(
    'every command takes --config, --json and --help: %s %s',
    async (...command) => {
      const { printed } = await run(...command.filter(Boolean), '--help');
      expect(printed).toContain('--config <file>');
      expect(printed).toContain('--json');
      expect(printed).toContain('--help');
    },
  );

  test.each([
    ['nope'],
    ['send'],
    ['trace'],
    ['forget'],
    ['start', '--nope'],
    ['simulator', '--port', '70000'],
    ['config'],
    [],
  ])('refuses what it does not understand: %s %s %s', async (...args) => {
    await expect(run(...args.filter(Boolean))).rejects.toThrow(CommanderError);
  });
});

describe('values of options', () => {
  test('ports, counts and rates are numbers in their range', () => {
    expect(parsePort('0')).toBe(0);
    expect(parsePort('65535')).toBe(65_535);
    expect(() => parsePort('65536')).toThrow('port number');
    expect(() => parsePort('-1')).toThrow('port number');
    expect(() => parsePort('')).toThrow('port number');
    expect(parseCount('300')).toBe(300);
    expect(() => parseCount('3.5')).toThrow('whole number');
    expect(parseRate('0.5')).toBe(0.5);
    expect(parseRate('0')).toBe(0);
    expect(() => parseRate('fast')).toThrow('calls a second');
    expect(() => parseRate('')).toThrow('calls a second');
  });

  test('attributes are collected as NAME=TYPE', () => {
    const one = collectAttribute('opt_push=boolean');
    expect(collectAttribute('COLOUR=category:red,blue', one)).toEqual([
      { name: 'OPT_PUSH', type: 'boolean' },
      { name: 'COLOUR', type: 'category:red,blue' },
    ]);
    expect(() => collectAttribute('OPT_PUSH')).toThrow('NAME=TYPE');
    expect(() => collectAttribute('=boolean')).toThrow('NAME=TYPE');
  });
});
