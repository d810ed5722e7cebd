import { startSimulator } from '../../simulator';
import type { CommonOptions } from '../common-options';
import { CommandError, EXIT, type ExitCode } from '../exit';
import type { AttributeOption } from '../option-values';
import { printJson, printLine, tell } from '../output';
import { runService } from '../service/service';

export interface SimulatorCommandOptions extends CommonOptions {
  readonly port: number;
  readonly apiKey?: string;
  readonly attribute?: readonly AttributeOption[];
  readonly requestsPerSecond: number;
}

/** Runs the Brevo simulator until a signal. */
export async function simulator(options: SimulatorCommandOptions): Promise<ExitCode> {
  const { port, apiKey, attribute = [], requestsPerSecond } = options;
  return runService({ info: tell }, async (service) => {
    const running = await startSimulator({
      port,
      ...(apiKey !== undefined && { apiKey }),
      attributes: Object.fromEntries(attribute.map(({ name, type }) => [name, type])),
      requestsPerSecond,
    }).catch((error: unknown) => {
      throw new CommandError(error instanceof Error ? error.message : String(error), EXIT.usage);
    });
    service.atEnd(() => running.close());
    const { url, controlUrl } = running;
    if (options.json) printJson({ url, controlUrl });
    else {
      printLine(`Brevo simulator: ${url}`);
      printLine(`Its controls:    ${controlUrl}`);
    }
    tell(`Use it with BREVO_API_URL=${url}`);
  });
}
