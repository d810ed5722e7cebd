import { checkConfig, loadConfig, readEnvironment } from '../../config';
import { onStdout as pc } from '../colours';
import type { CommonOptions } from '../common-options';
import { checkBrevo } from '../doctor/brevo-checks';
import { checkDidomi } from '../doctor/didomi-check';
import type { Finding } from '../doctor/finding';
import { checkTemporal } from '../doctor/temporal-checks';
import { EXIT, type ExitCode } from '../exit';
import { printJson, printLine } from '../output';

/** Says whether everything that a sync needs is there, and what to do where it is not. Changes nothing. */
export async function doctor({ config: file, json }: CommonOptions): Promise<ExitCode> {
  const checked = checkConfig({ file });
  const findings: Finding[] = [...checked.checks];
  if (checked.ok) {
    const config = loadConfig({ file });
    const { brevoApiUrl } = readEnvironment();
    const [temporal, didomi, brevo] = await Promise.all([
      checkTemporal(config),
      checkDidomi(config),
      checkBrevo(config, brevoApiUrl),
    ]);
    findings.push(...temporal, didomi, ...brevo);
  }
  const ok = findings.every((finding) => finding.ok);
  if (json) printJson({ ok, checks: findings });
  else findings.forEach(printFinding);
  if (!checked.ok) return EXIT.usage;
  return ok ? EXIT.done : EXIT.failed;
}

function printFinding({ name, ok, warning, message, fix }: Finding): void {
  const sign = warning ? pc.yellow('!') : ok ? pc.green('✓') : pc.red('✗');
  printLine(`${sign} ${name}: ${message}`);
  if (fix !== undefined) printLine(`  ${fix}`);
}
