import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { buildProgram } from '../../../cli/program';

const TEXT = readFileSync(join(__dirname, '../../../docs/cli.md'), 'utf8');

function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap(all)];
}

test('docs/cli.md tells of every command, and of every option of each', () => {
  const commands = all(buildProgram('1.0.0', () => {})).slice(1);
  for (const command of commands) {
    expect(TEXT).toContain(`\`${command.name()}\``);
    for (const { long } of command.options) expect(TEXT).toContain(`\`${long}`);
  }
});

test('docs/cli.md shows commands that exist', () => {
  const names = all(buildProgram('1.0.0', () => {})).map((command) => command.name());
  const shown = [...TEXT.matchAll(/^(?:.*\| )?consent-sync ([a-z-]+)/gm)].map(([, name]) => name);
  expect(shown.length).toBeGreaterThan(8);
  expect(names).toEqual(expect.arrayContaining([...new Set(shown)]));
});
