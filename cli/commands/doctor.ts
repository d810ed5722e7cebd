import { checkConfig, loadConfig, readEnvironment } from '../../config';
import { ask, canAsk } from '../ask';
import { onStdout as pc } from '../colours';
import type { CommonOptions } from '../common-options';
import { runChecks } from '../doctor/checks';
import type { Finding } from '../doctor/finding';
import { mend } from '../doctor/mend';
import { CommandError, EXIT, type ExitCode } from '../exit';
import { printJson, printLine, tell } from '../output';

export interface DoctorOptions extends CommonOptions {
  /** Create what is missing. */
  readonly fix?: boolean;
  /** Without asking. */
  readonly yes?: boolean;
}

/** Says whether everything that a sync needs is there, and what to do where it is not. Changes nothing without `fix`. */
export async function doctor({ config: file, json, fix, yes }: DoctorOptions): Promise<ExitCode> {
  if (yes && !fix) throw new CommandError('--yes goes with --fix.', EXIT.usage);
  if (fix && !yes && !canAsk()) {
    throw new CommandError(
      'doctor --fix asks before it creates anything, and there is no terminal to ask on. Run it on one, or add --yes.',
      EXIT.usage,
    );
  }
  const checked = checkConfig({ file });
  if (!checked.ok) {
    report(checked.checks, json);
    return EXIT.usage;
  }
  const config = loadConfig({ file });
  const { brevoApiUrl } = readEnvironment();
  const check = async () => [...checked.checks, ...(await runChecks(config, brevoApiUrl))];
  let findings: readonly Finding[] = await check();
  if (fix) {
    const consent = yes ? async () => true : (question: string) => ask(question);
    if (await mend(findings, config, brevoApiUrl, consent, tell)) findings = await check();
  }
  return report(findings, json) ? EXIT.done : EXIT.failed;
}

function report(findings: readonly Finding[], json: boolean | undefined): boolean {
  const ok = findings.every((finding) => finding.ok);
  if (json) printJson({ ok, checks: findings.map(({ repair: _, ...shown }) => shown) });
  else findings.forEach(printFinding);
  return ok;
}

function printFinding({ name, ok, warning, message, fix }: Finding): void {
  const sign = warning ? pc.yellow('!') : ok ? pc.green('✓') : pc.red('✗');
  printLine(`${sign} ${name}: ${message}`);
  if (fix !== undefined) printLine(`  ${fix}`);
}
