import { randomInt } from 'node:crypto';
import pino from 'pino';
import { readEnvironment } from '../../config';
import type { CommonOptions } from '../common-options';
import { closingTable } from '../demo/closing-table';
import { perform } from '../demo/performance';
import { asJson, type DemoResult } from '../demo/result';
import { writeScript } from '../demo/script';
import { startDemoSystem } from '../demo/system';
import { EXIT, type ExitCode } from '../exit';
import { printJson, printLine, tell } from '../output';
import { createLogger } from '../service/logger';
import { runService } from '../service/service';

export interface DemoOptions extends CommonOptions {
  readonly once?: boolean;
  /** About how many messages. */
  readonly events?: number;
  readonly seed?: number;
}

const MESSAGES = 250;
const MAX_SEED = 1_000_000;

/** Shows the whole system at work, and checks what it did. */
export async function demo({ once, json, events, seed }: DemoOptions): Promise<ExitCode> {
  const script = writeScript(seed ?? randomInt(MAX_SEED), events ?? MESSAGES, Date.now());
  let result: DemoResult | undefined;
  // The parts say nothing unless asked to: what they do can be seen.
  const { logLevel } = readEnvironment();
  const logger = process.env.LOG_LEVEL ? createLogger(logLevel) : pino({ level: 'silent' });
  await runService({ info: () => {} }, async (service) => {
    const system = await startDemoSystem(service, logger, tell);
    result = await perform(system, script, service.stopping);
    if (!result) return;
    if (json) printJson({ ...asJson(result), temporalUiUrl: system.uiUrl });
    else printLine(closingTable(result));
    if (once || !process.stdout.isTTY) service.end();
    else printLine(`\nLook at every step in the Temporal UI: ${system.uiUrl}\nCtrl-C ends the demo.`);
  });
  return result?.ok ? EXIT.done : EXIT.failed;
}
