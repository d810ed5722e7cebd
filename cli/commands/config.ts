import { checkConfig, configJsonSchema } from '../../config';
import { onStdout as pc } from '../colours';
import type { CommonOptions } from '../common-options';
import { EXIT, type ExitCode } from '../exit';
import { printJson, printLine } from '../output';

/** Says everything that is wrong with a configuration; asks nothing of the network. */
export function configCheck({ config: file, json }: CommonOptions): ExitCode {
  const result = checkConfig({ file });
  if (json) printJson(result);
  else {
    for (const { name, ok, warning, message, fix } of result.checks) {
      const sign = warning ? pc.yellow('!') : ok ? pc.green('✓') : pc.red('✗');
      printLine(`${sign} ${ok ? `${name}: ` : ''}${message}`);
      if (fix !== undefined) printLine(`  ${fix}`);
    }
  }
  return result.ok ? EXIT.done : EXIT.usage;
}

export function configSchema(): ExitCode {
  printLine(JSON.stringify(configJsonSchema(), null, 2));
  return EXIT.done;
}
